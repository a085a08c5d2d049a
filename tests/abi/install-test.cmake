# SPDX-License-Identifier: LGPL-2.1-or-later
# cmake -D BUILD_DIR=… -D SOURCE_DIR=… -D WORK_DIR=… -D CC=… -D GENERATOR=… -P install-test.cmake
# Installs the library into a folder of its own and builds the examples against what is there, with
# pkg-config and with find_package.
cmake_minimum_required (VERSION 3.25)

function (run)
  execute_process (COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction ()

set (prefix ${WORK_DIR}/prefix)
file (REMOVE_RECURSE ${WORK_DIR})
run (${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${prefix})

# The .pc file names the prefix that was configured; this is what it says where it is installed.
file (GLOB_RECURSE pc_file ${prefix}/disco-1.pc)
cmake_path (GET pc_file PARENT_PATH pc_dir)
file (READ ${pc_file} pc)
string (REGEX REPLACE "prefix=[^\n]*" "prefix=${prefix}" pc "${pc}")
file (WRITE ${pc_file} "${pc}")
set (ENV{PKG_CONFIG_PATH} ${pc_dir})
execute_process (COMMAND pkg-config --cflags --libs disco-1
  OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
if (NOT flags MATCHES "${prefix}")
  message (FATAL_ERROR "pkg-config does not point into ${prefix}: ${flags}")
endif ()
separate_arguments (flags)

# The program in README.md: from the line after ```c to the next ```.
file (READ ${SOURCE_DIR}/README.md readme)
string (FIND "${readme}" "```c\n" start)
string (SUBSTRING "${readme}" ${start} -1 readme)
string (SUBSTRING "${readme}" 5 -1 readme)
string (FIND "${readme}" "```" end)
string (SUBSTRING "${readme}" 0 ${end} program)
file (WRITE ${WORK_DIR}/readme.c "${program}")

set (programs ${WORK_DIR}/readme.c)
foreach (example IN ITEMS announce browse update watch)
  list (APPEND programs ${SOURCE_DIR}/examples/${example}.c)
endforeach ()
foreach (program IN LISTS programs)
  cmake_path (GET program STEM name)
  run (${CC} -Wall -Wextra -Wno-unused-parameter -Werror ${program}
    -o ${WORK_DIR}/${name} ${flags} -Wl,--no-undefined)
endforeach ()

run (${CMAKE_COMMAND} -G ${GENERATOR} -S ${SOURCE_DIR}/tests/abi/consumer -B ${WORK_DIR}/consumer
  -D CMAKE_C_COMPILER=${CC} -D CMAKE_PREFIX_PATH=${prefix}
  -D EXAMPLES_DIR=${SOURCE_DIR}/examples)
run (${CMAKE_COMMAND} --build ${WORK_DIR}/consumer)

# What was installed runs without the build folder.
file (GLOB library ${prefix}/lib*/libdisco-1.so ${prefix}/lib/*/libdisco-1.so)
cmake_path (GET library PARENT_PATH library_dir)
run (${CMAKE_COMMAND} -E env LD_LIBRARY_PATH=${library_dir} ${prefix}/bin/disco --version)
