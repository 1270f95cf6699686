# SPDX-License-Identifier: BSD-2-Clause
#
# A room is a directory of C files.  Each becomes an object library room_NAME
# whose sources are found by pattern, so that a new file needs no edit here.
# A room that has no file yet is left out.

function(vms_room name)
	cmake_parse_arguments(PARSE_ARGV 1 room "" "" "NEEDS")
	file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${name}/*.c)
	if(NOT sources)
		return()
	endif()
	add_library(room_${name} OBJECT ${sources})
	target_link_libraries(room_${name}
		PRIVATE vms_flags PUBLIC ${room_NEEDS})
	set_target_properties(room_${name} PROPERTIES
		POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden)
endfunction()

# Links the rooms that exist into target.
function(vms_link_rooms target)
	foreach(room IN LISTS ARGN)
		if(TARGET room_${room})
			target_link_libraries(${target} PRIVATE room_${room})
		endif()
	endforeach()
	target_link_libraries(${target} PRIVATE vms_flags Threads::Threads m)
	# The linker, not a user, finds what is missing; sanitizers leave gaps.
	if(CMAKE_SYSTEM_NAME STREQUAL Linux AND NOT VMS_SANITIZE)
		target_link_options(${target} PRIVATE LINKER:-z,defs)
	endif()
	set_target_properties(${target} PROPERTIES
		LINKER_LANGUAGE C C_VISIBILITY_PRESET hidden)
endfunction()

# vms_library(name SHARED|STATIC ROOMS room...)
function(vms_library name type)
	cmake_parse_arguments(PARSE_ARGV 2 library "" "" "ROOMS")
	add_library(${name} ${type})
	vms_link_rooms(${name} ${library_ROOMS})
	target_include_directories(${name} INTERFACE
		$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
		$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endfunction()

# vms_program(name ROOMS room...)
function(vms_program name)
	cmake_parse_arguments(PARSE_ARGV 1 program "" "" "ROOMS")
	add_executable(${name})
	vms_link_rooms(${name} ${program_ROOMS})
endfunction()
