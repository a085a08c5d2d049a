# SPDX-License-Identifier: LGPL-2.1-or-later
# What other languages and the reference manual read: the GIR, made of the sources' annotations; the
# typelib, for Python and JavaScript; the Vala API.

set (DISCO_INTROSPECTION AUTO CACHE STRING
  "Build the GIR, the typelib and the Vala API: ON, OFF, or AUTO, which is where the tools are there")
set_property (CACHE DISCO_INTROSPECTION PROPERTY STRINGS AUTO ON OFF)
set (DISCO_HAS_INTROSPECTION FALSE)

# The scanner links a program to the library and runs it, which instrumented code hinders.
if (DISCO_INTROSPECTION AND NOT DISCO_SANITIZE AND NOT DISCO_COVERAGE)
  set (need)
  if (NOT DISCO_INTROSPECTION STREQUAL "AUTO")
    set (need REQUIRED)
  endif ()
  find_program (DISCO_GIR_SCANNER g-ir-scanner ${need})
  find_program (DISCO_GIR_COMPILER g-ir-compiler ${need})
  find_program (DISCO_VAPIGEN vapigen ${need})
  if (DISCO_GIR_SCANNER AND DISCO_GIR_COMPILER AND DISCO_VAPIGEN)
    set (DISCO_HAS_INTROSPECTION TRUE)
  endif ()
endif ()

# disco_introspection (LIBRARY target METADATA dir INCLUDES dir… SOURCES file…)
# Builds all three in the current binary folder, and installs them. The target disco_gir is the GIR,
# disco_introspection all of them. DISCO_GIR is set to the path of the GIR, DISCO_TYPELIB_DIR and
# DISCO_VAPI_DIR to the folders of the others. METADATA is the folder with what vapigen cannot know.
#
# The scanner says what is not annotated or documented. That is an error where there are tests, of
# which it is one, and in builds for development. A build of the library alone goes on: the next
# release of the scanner may have more to say.
function (disco_introspection)
  cmake_parse_arguments (arg "" "LIBRARY;METADATA" "INCLUDES;SOURCES" ${ARGN})
  set (package disco-${DISCO_API_VERSION})
  set (stem ${CMAKE_CURRENT_BINARY_DIR}/Disco-${DISCO_API_VERSION})
  set (library_dir $<TARGET_FILE_DIR:${arg_LIBRARY}>)
  set (include_options ${arg_INCLUDES} ${GIO_CFLAGS})
  list (TRANSFORM include_options PREPEND -I REGEX "^/")
  set (strict)
  if (DISCO_TESTS OR DISCO_WERROR)
    set (strict --warn-error)
  endif ()

  add_custom_command (OUTPUT ${stem}.gir
    COMMAND ${CMAKE_COMMAND} -E env CC=${CMAKE_C_COMPILER}
      --modify LD_LIBRARY_PATH=path_list_prepend:${library_dir}
      ${DISCO_GIR_SCANNER} --quiet --no-libtool --warn-all ${strict}
      --namespace=Disco --nsversion=${DISCO_API_VERSION}
      --identifier-prefix=Disco --symbol-prefix=disco
      --pkg-export=${package} --c-include=disco/disco.h
      --library=${package} --library-path=${library_dir}
      --include=Gio-2.0 ${include_options}
      --sources-top-dirs=${PROJECT_SOURCE_DIR} --sources-top-dirs=${PROJECT_BINARY_DIR}
      --output=${stem}.gir ${arg_SOURCES}
    DEPENDS ${arg_LIBRARY} ${arg_SOURCES}
    COMMENT "Scanning the annotations"
    VERBATIM)
  add_custom_command (OUTPUT ${stem}.typelib
    COMMAND ${DISCO_GIR_COMPILER} --output=${stem}.typelib ${stem}.gir
    DEPENDS ${stem}.gir
    VERBATIM)
  set (vala ${CMAKE_CURRENT_BINARY_DIR}/${package})
  add_custom_command (OUTPUT ${vala}.vapi
    COMMAND ${DISCO_VAPIGEN} --quiet --library=${package} --pkg=gio-2.0
      --metadatadir=${arg_METADATA} --directory=${CMAKE_CURRENT_BINARY_DIR} ${stem}.gir
    DEPENDS ${stem}.gir ${arg_METADATA}/Disco-${DISCO_API_VERSION}.metadata
    VERBATIM)
  file (WRITE ${vala}.deps "gio-2.0\n")
  add_custom_target (disco_gir DEPENDS ${stem}.gir)
  add_custom_target (disco_introspection ALL DEPENDS ${stem}.typelib ${vala}.vapi)
  add_dependencies (disco_introspection disco_gir)
  set (DISCO_GIR ${stem}.gir PARENT_SCOPE)
  set (DISCO_TYPELIB_DIR ${CMAKE_CURRENT_BINARY_DIR} PARENT_SCOPE)
  set (DISCO_VAPI_DIR ${CMAKE_CURRENT_BINARY_DIR} PARENT_SCOPE)

  install (FILES ${stem}.gir DESTINATION ${CMAKE_INSTALL_DATADIR}/gir-1.0)
  install (FILES ${stem}.typelib DESTINATION ${CMAKE_INSTALL_LIBDIR}/girepository-1.0)
  install (FILES ${vala}.vapi ${vala}.deps DESTINATION ${CMAKE_INSTALL_DATADIR}/vala/vapi)
endfunction ()
