# SPDX-License-Identifier: LGPL-2.1-or-later
# Compiler flags of everything that is built here, as one target that is linked PRIVATE.

add_library (disco_flags INTERFACE)
target_compile_features (disco_flags INTERFACE c_std_11)
target_compile_definitions (disco_flags INTERFACE
  _GNU_SOURCE
  GLIB_VERSION_MIN_REQUIRED=GLIB_VERSION_2_74
  GLIB_VERSION_MAX_ALLOWED=GLIB_VERSION_2_74)
target_compile_options (disco_flags INTERFACE
  -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers
  -Wformat=2 -Wundef -Wvla -Wshadow -Wpointer-arith -Wwrite-strings
  $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition>
  $<$<BOOL:${DISCO_WERROR}>:-Werror>)

if (DISCO_SANITIZE)
  string (REPLACE "+" "," disco_sanitize_list "${DISCO_SANITIZE}")
  target_compile_options (disco_flags INTERFACE
    "-fsanitize=${disco_sanitize_list}" -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options (disco_flags INTERFACE "-fsanitize=${disco_sanitize_list}")
endif ()
# What libFuzzer needs to see of the library; the targets get its main() besides (fuzz/).
if (DISCO_FUZZ)
  target_compile_options (disco_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options (disco_flags INTERFACE -fsanitize=fuzzer-no-link)
endif ()
if (DISCO_COVERAGE)
  target_compile_options (disco_flags INTERFACE --coverage -fprofile-abs-path)
  target_link_options (disco_flags INTERFACE --coverage)
endif ()
