# SPDX-License-Identifier: LGPL-2.1-or-later
# The layers of src/, and who may include whom. Each layer is an OBJECT library whose include path
# holds only its own folder and the folders of the layers that it may use, so that an include against
# the direction does not compile.

# disco_layer (NAME [APART] SOURCES file… [USES layer…] [LINKS target…])
# All layers but those that stand APART make up the library.
function (disco_layer name)
  cmake_parse_arguments (arg "APART" "" "SOURCES;USES;LINKS" ${ARGN})
  add_library (disco_${name} OBJECT ${arg_SOURCES})
  set_target_properties (disco_${name} PROPERTIES
    POSITION_INDEPENDENT_CODE ON
    C_VISIBILITY_PRESET hidden)
  target_compile_definitions (disco_${name} PRIVATE G_LOG_DOMAIN="disco")
  target_include_directories (disco_${name} PRIVATE
    ${CMAKE_CURRENT_SOURCE_DIR} ${DISCO_INCLUDE_DIRS})
  foreach (layer IN LISTS arg_USES)
    target_include_directories (disco_${name} PRIVATE ${PROJECT_SOURCE_DIR}/src/${layer})
  endforeach ()
  target_link_libraries (disco_${name} PRIVATE disco_flags PkgConfig::GIO ${arg_LINKS})
  if (NOT arg_APART)
    set_property (GLOBAL APPEND PROPERTY DISCO_LAYERS ${name})
  endif ()
endfunction ()
