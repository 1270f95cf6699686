# SPDX-License-Identifier: BSD-2-Clause
#
# How tests are declared.  Labels: unit, conform, e2e, meta.

set(vms_test_environment
	"ASAN_OPTIONS=halt_on_error=1:detect_leaks=1"
	"UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1"
	"TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:atexit_sleep_ms=0"
	"VMSPACE_PROGRAM=${PROJECT_BINARY_DIR}/vmspace"
	"VMSPACE_SOURCE_DIR=${PROJECT_SOURCE_DIR}"
	"VMSPACE_BUILD_DIR=${PROJECT_BINARY_DIR}")
if(VMS_SANITIZE)
	set(vms_test_timeout 900)
	list(APPEND vms_test_environment "VMSPACE_SANITIZED=${VMS_SANITIZE}"
		"CK_TIMEOUT_MULTIPLIER=10")
else()
	set(vms_test_timeout 300)
endif()

# vms_test(name LABEL label COMMAND command...)
function(vms_test name)
	cmake_parse_arguments(PARSE_ARGV 1 test "" "LABEL" "COMMAND")
	add_test(NAME ${name} COMMAND ${test_COMMAND})
	set_tests_properties(${name} PROPERTIES
		LABELS ${test_LABEL} TIMEOUT ${vms_test_timeout}
		ENVIRONMENT "${vms_test_environment}")
endfunction()

# vms_check_program(target [INTERNAL] SOURCES file...): a Check program; links
# the internal library, or only the public one.
function(vms_check_program target)
	cmake_parse_arguments(PARSE_ARGV 1 program "INTERNAL" "" "SOURCES")
	add_executable(${target} ${program_SOURCES})
	target_link_libraries(${target} PRIVATE vms_flags PkgConfig::CHECK
		Threads::Threads m)
	if(program_INTERNAL)
		target_link_libraries(${target} PRIVATE vmspace_internal)
	else()
		target_link_libraries(${target} PRIVATE vmspace)
	endif()
endfunction()

# vms_unit_test(x): tests/unit/test_x.c with main(), sees internal functions.
function(vms_unit_test name)
	vms_check_program(test_${name} INTERNAL SOURCES test_${name}.c)
	vms_test(unit.${name} LABEL unit COMMAND test_${name})
endfunction()
