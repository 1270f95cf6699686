# SPDX-License-Identifier: BSD-2-Clause
#
# vms_flags: how every file of ours is compiled and linked.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
	set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(vms_flags INTERFACE)
# Quotes are ours, angle brackets are public: "vmspace/frame.h" is the room's
# file and <vmspace/frame.h> the public one.
target_include_directories(vms_flags INTERFACE ${PROJECT_SOURCE_DIR}/include)
target_compile_options(vms_flags INTERFACE
	"SHELL:-iquote ${PROJECT_SOURCE_DIR}")
target_compile_definitions(vms_flags INTERFACE
	$<$<PLATFORM_ID:Linux>:_GNU_SOURCE>
	$<$<PLATFORM_ID:Darwin>:_DARWIN_C_SOURCE>)
target_compile_options(vms_flags INTERFACE
	-pedantic -Wall -Wextra -Wshadow -Wstrict-prototypes
	-Wmissing-prototypes -Wcast-qual -Wconversion -Wvla
	$<$<BOOL:${VMS_WERROR}>:-Werror>)

if(VMS_SANITIZE)
	target_compile_options(vms_flags INTERFACE
		-fsanitize=${VMS_SANITIZE} -fno-omit-frame-pointer
		-fno-sanitize-recover=all)
	target_link_options(vms_flags INTERFACE -fsanitize=${VMS_SANITIZE})
endif()
if(VMS_FUZZ)
	target_compile_options(vms_flags INTERFACE -fsanitize=fuzzer-no-link)
	target_link_options(vms_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
