# SPDX-License-Identifier: BSD-2-Clause
#
# What is installed: the library with its headers, DragonFly's headers aside,
# CMake targets vmspace::vmspace and vmspace::dragonfly, .pc files, the program.

include(CMakePackageConfigHelpers)

set_target_properties(vmspace PROPERTIES
	VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
add_library(vmspace::vmspace ALIAS vmspace)

set(vms_dragonfly_dir ${CMAKE_INSTALL_INCLUDEDIR}/vmspace-dragonfly)
add_library(dragonfly INTERFACE)
add_library(vmspace::dragonfly ALIAS dragonfly)
target_link_libraries(dragonfly INTERFACE vmspace)
target_include_directories(dragonfly INTERFACE
	$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include/dragonfly>
	$<INSTALL_INTERFACE:${vms_dragonfly_dir}>)

install(TARGETS vmspace dragonfly EXPORT vmspace)
if(TARGET vmspace_program)
	# The installed program finds the installed library wherever both lie.
	file(RELATIVE_PATH vms_bin_to_lib
		${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
	set(vms_origin $<IF:$<PLATFORM_ID:Darwin>,@loader_path,$ORIGIN>)
	set_target_properties(vmspace_program PROPERTIES
		INSTALL_RPATH "${vms_origin}/${vms_bin_to_lib}")
	install(TARGETS vmspace_program)
endif()
install(DIRECTORY include/vmspace DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
	FILES_MATCHING PATTERN "*.h")
install(DIRECTORY include/dragonfly/ DESTINATION ${vms_dragonfly_dir}
	FILES_MATCHING PATTERN "*.h")
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/vmspace)

set(vms_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/vmspace)
install(EXPORT vmspace NAMESPACE vmspace:: DESTINATION ${vms_cmake_dir})
file(WRITE ${PROJECT_BINARY_DIR}/vmspace-config.cmake
	"include(\${CMAKE_CURRENT_LIST_DIR}/vmspace.cmake)\n")
write_basic_package_version_file(
	${PROJECT_BINARY_DIR}/vmspace-config-version.cmake
	COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/vmspace-config.cmake
	${PROJECT_BINARY_DIR}/vmspace-config-version.cmake
	DESTINATION ${vms_cmake_dir})

# The .pc files find the rest from where they lie, wherever that is.
set(vms_pc_dir ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH vms_pc_to_prefix ${vms_pc_dir} ${CMAKE_INSTALL_PREFIX})
foreach(pc IN ITEMS vmspace vmspace-dragonfly)
	configure_file(cmake/${pc}.pc.in ${PROJECT_BINARY_DIR}/${pc}.pc @ONLY)
	install(FILES ${PROJECT_BINARY_DIR}/${pc}.pc
		DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
