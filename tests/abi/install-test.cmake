# SPDX-License-Identifier: LGPL-2.1-or-later
# cmake -D BUILD_DIR=… -D SOURCE_DIR=… -D WORK_DIR=… -D CC=… -D GENERATOR=… -D PYTHON=… -P install-test.cmake
# Installs the library into a folder of its own and builds the examples against what is there, with
# pkg-config and with find_package; and does what README.md and the introductions of the manual say.
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

foreach (example IN ITEMS announce browse update watch)
  run (${CC} -Wall -Wextra -Wno-unused-parameter -Werror ${SOURCE_DIR}/examples/${example}.c
    -o ${WORK_DIR}/${example} ${flags} -Wl,--no-undefined)
endforeach ()

run (${CMAKE_COMMAND} -G ${GENERATOR} -S ${SOURCE_DIR}/tests/abi/consumer -B ${WORK_DIR}/consumer
  -D CMAKE_C_COMPILER=${CC} -D CMAKE_PREFIX_PATH=${prefix}
  -D EXAMPLES_DIR=${SOURCE_DIR}/examples)
run (${CMAKE_COMMAND} --build ${WORK_DIR}/consumer)

# What was installed runs without the build folder.
file (GLOB library ${prefix}/lib*/libdisco-1.so ${prefix}/lib/*/libdisco-1.so)
cmake_path (GET library PARENT_PATH library_dir)
set (ENV{LD_LIBRARY_PATH} ${library_dir})
run (${prefix}/bin/disco --version)

# A newcomer's way through the documentation, with what is installed alone.
list (JOIN flags " " flags)
set (ENV{CC} ${CC})
set (ENV{CMAKE_PREFIX_PATH} ${prefix})
set (ENV{XDG_DATA_DIRS} ${prefix}/share:/usr/local/share:/usr/share)
set (ENV{DOCS_CFLAGS} ${flags})
set (ENV{DOCS_LIBS} ${flags})
set (ENV{DOCS_TOOL} ${prefix}/bin/disco)
set (ENV{DOCS_INSTALLED} 1)
if (EXISTS ${prefix}/share/vala/vapi/disco-1.vapi)
  set (ENV{DOCS_BINDINGS} ${prefix}/share/vala/vapi)
  set (ENV{GI_TYPELIB_PATH} ${library_dir}/girepository-1.0)
endif ()
list (APPEND pages ${SOURCE_DIR}/README.md)
foreach (page IN ITEMS getting-started-c getting-started-python getting-started-vala desktop device)
  list (APPEND pages ${SOURCE_DIR}/docs/${page}.md)
endforeach ()
run (${PYTHON} -B ${SOURCE_DIR}/tests/docs/check-page.py ${pages} ${WORK_DIR}/pages)
