# SPDX-License-Identifier: BSD-2-Clause
#
# Foreign libraries, all found by pkg-config.  Nothing is vendored.

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(PkgConfig)
if(NOT PKG_CONFIG_FOUND)
	message(FATAL_ERROR
		"pkg-config is missing.  Install it, or let ./dev build do so.")
endif()

# vms_need(PREFIX module version why): one clear message, or PkgConfig::PREFIX.
function(vms_need prefix module version why)
	pkg_check_modules(${prefix} QUIET IMPORTED_TARGET GLOBAL
		"${module}>=${version}")
	if(${prefix}_FOUND)
		return()
	endif()
	execute_process(COMMAND ${PKG_CONFIG_EXECUTABLE} --modversion ${module}
		OUTPUT_VARIABLE found ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
	if(NOT found)
		set(found "none")
	endif()
	message(FATAL_ERROR "${module} >= ${version} is needed (${why}); "
		"found: ${found}.\n"
		"./dev build installs it where the system has it.  Otherwise install "
		"${module} ${version} or newer yourself and set PKG_CONFIG_PATH to the "
		"directory of its ${module}.pc.")
endfunction()

vms_need(UNICORN unicorn 2.1.4
	"2.0 ignores x86 paging, 2.1.1 crashes when its code buffer fills")
vms_need(CAPSTONE capstone 4.0.2 "decodes instructions")
vms_need(LIBELF libelf 0.8 "reads programs")
vms_need(ZSTD libzstd 1.4 "compresses traces")
vms_need(XXHASH libxxhash 0.8 "digests of memory and traces")
if(VMS_TESTS)
	vms_need(CHECK check 0.14 "runs the unit tests")
endif()

# capstone.pc names the directory of capstone.h; we include <capstone/...>.
foreach(dir IN LISTS CAPSTONE_INCLUDE_DIRS)
	cmake_path(GET dir PARENT_PATH parent)
	if(NOT parent IN_LIST CMAKE_C_IMPLICIT_INCLUDE_DIRECTORIES)
		target_include_directories(PkgConfig::CAPSTONE INTERFACE ${parent})
	endif()
endforeach()
