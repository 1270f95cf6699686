# SPDX-License-Identifier: BSD-2-Clause
#
# The program vmspace, in one of two ways.
#
#   vmspace-shared  over the shared library; it has its own copies of base and
#                   traces, because the library hides them
#   one file        all rooms and the archives of the foreign libraries, at a
#                   fixed address: relocating the shared Unicorn and Capstone
#                   takes longer than the rest of a short run
#
# With VMS_ONE_FILE, where the archives exist, vmspace is the one file and
# vmspace-shared is there for tests with another Unicorn.

set(vms_one_file_default ON)
if(APPLE OR VMS_SANITIZE OR VMS_FUZZ)
	set(vms_one_file_default OFF)
endif()
option(VMS_ONE_FILE "Link the program with the archives of its libraries"
	${vms_one_file_default})

# vms_archives(out): the archives, in the order in which they are linked;
# empty when one is missing.
function(vms_archives out)
	set(archives "")
	foreach(prefix IN ITEMS UNICORN CAPSTONE LIBELF ZSTD XXHASH)
		pkg_get_variable(dir ${${prefix}_MODULE_NAME} libdir)
		set(names ${${prefix}_STATIC_LIBRARIES})
		list(REMOVE_ITEM names c m pthread dl rt)
		foreach(name IN LISTS names)
			find_library(VMS_ARCHIVE_${name}
				${CMAKE_STATIC_LIBRARY_PREFIX}${name}${CMAKE_STATIC_LIBRARY_SUFFIX}
				HINTS ${dir})
			mark_as_advanced(VMS_ARCHIVE_${name})
			if(NOT VMS_ARCHIVE_${name})
				set(${out} "" PARENT_SCOPE)
				return()
			endif()
			list(APPEND archives ${VMS_ARCHIVE_${name}})
		endforeach()
	endforeach()
	set(${out} "${archives}" PARENT_SCOPE)
endfunction()

# Unicorn's archive can be newer than the linker, and some versions of that
# turn `push sym@GOTPCREL(%rip)` into a call of sym when they relax it.
set(vms_one_file_flags -no-pie -Wl,--no-relax)

function(vms_one_file_program archives)
	add_executable(vmspace_program)
	foreach(room IN ITEMS base emu vmspace loader traces vkernel cli)
		target_sources(vmspace_program PRIVATE
			$<TARGET_OBJECTS:room_${room}>)
	endforeach()
	target_link_libraries(vmspace_program PRIVATE ${archives}
		vms_flags Threads::Threads m)
	target_link_options(vmspace_program PRIVATE ${vms_one_file_flags})
	set_target_properties(vmspace_program PROPERTIES LINKER_LANGUAGE C)
endfunction()

vms_archives(vms_found_archives)
if(VMS_ONE_FILE AND vms_found_archives)
	vms_one_file_program("${vms_found_archives}")
	set_target_properties(vmspace_program PROPERTIES OUTPUT_NAME vmspace)
	vms_program(vmspace_shared ROOMS base loader traces vkernel cli)
	set_target_properties(vmspace_shared PROPERTIES
		OUTPUT_NAME vmspace-shared)
	target_link_libraries(vmspace_shared PRIVATE vmspace)
else()
	vms_program(vmspace_program ROOMS base loader traces vkernel cli)
	set_target_properties(vmspace_program PROPERTIES OUTPUT_NAME vmspace)
	target_link_libraries(vmspace_program PRIVATE vmspace)
endif()
