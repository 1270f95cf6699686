/* SPDX-License-Identifier: BSD-2-Clause */
/* One table serves the translation and strace's names. */
#include "vkernel/errno_map.h"

#include <errno.h>
#include <stddef.h>

#include "loader/load.h"
#include "vkernel/linux_abi.h"

struct errno_row {
	int number; /* Linux, x86-64 */
	int host;   /* 0: not on every host, then looked up by number */
	const char *name;
	const char *text;
};

static const struct errno_row rows[] = {
	{ 1, EPERM, "EPERM", "Operation not permitted" },
	{ 2, ENOENT, "ENOENT", "No such file or directory" },
	{ 3, ESRCH, "ESRCH", "No such process" },
	{ 4, EINTR, "EINTR", "Interrupted system call" },
	{ 5, EIO, "EIO", "Input/output error" },
	{ 6, ENXIO, "ENXIO", "No such device or address" },
	{ 7, E2BIG, "E2BIG", "Argument list too long" },
	{ 8, ENOEXEC, "ENOEXEC", "Exec format error" },
	{ 9, EBADF, "EBADF", "Bad file descriptor" },
	{ 10, ECHILD, "ECHILD", "No child processes" },
	{ 11, EAGAIN, "EAGAIN", "Resource temporarily unavailable" },
	{ 12, ENOMEM, "ENOMEM", "Cannot allocate memory" },
	{ 13, EACCES, "EACCES", "Permission denied" },
	{ 14, EFAULT, "EFAULT", "Bad address" },
	{ 15, ENOTBLK, "ENOTBLK", "Block device required" },
	{ 16, EBUSY, "EBUSY", "Device or resource busy" },
	{ 17, EEXIST, "EEXIST", "File exists" },
	{ 18, EXDEV, "EXDEV", "Invalid cross-device link" },
	{ 19, ENODEV, "ENODEV", "No such device" },
	{ 20, ENOTDIR, "ENOTDIR", "Not a directory" },
	{ 21, EISDIR, "EISDIR", "Is a directory" },
	{ 22, EINVAL, "EINVAL", "Invalid argument" },
	{ 23, ENFILE, "ENFILE", "Too many open files in system" },
	{ 24, EMFILE, "EMFILE", "Too many open files" },
	{ 25, ENOTTY, "ENOTTY", "Inappropriate ioctl for device" },
	{ 26, ETXTBSY, "ETXTBSY", "Text file busy" },
	{ 27, EFBIG, "EFBIG", "File too large" },
	{ 28, ENOSPC, "ENOSPC", "No space left on device" },
	{ 29, ESPIPE, "ESPIPE", "Illegal seek" },
	{ 30, EROFS, "EROFS", "Read-only file system" },
	{ 31, EMLINK, "EMLINK", "Too many links" },
	{ 32, EPIPE, "EPIPE", "Broken pipe" },
	{ 33, EDOM, "EDOM", "Numerical argument out of domain" },
	{ 34, ERANGE, "ERANGE", "Numerical result out of range" },
	{ 35, EDEADLK, "EDEADLK", "Resource deadlock avoided" },
	{ 36, ENAMETOOLONG, "ENAMETOOLONG", "File name too long" },
	{ 37, ENOLCK, "ENOLCK", "No locks available" },
	{ 38, ENOSYS, "ENOSYS", "Function not implemented" },
	{ 39, ENOTEMPTY, "ENOTEMPTY", "Directory not empty" },
	{ 40, ELOOP, "ELOOP", "Too many levels of symbolic links" },
	{ 42, ENOMSG, "ENOMSG", "No message of desired type" },
	{ 43, EIDRM, "EIDRM", "Identifier removed" },
	{ 44, 0, "ECHRNG", "Channel number out of range" },
	{ 45, 0, "EL2NSYNC", "Level 2 not synchronized" },
	{ 46, 0, "EL3HLT", "Level 3 halted" },
	{ 47, 0, "EL3RST", "Level 3 reset" },
	{ 48, 0, "ELNRNG", "Link number out of range" },
	{ 49, 0, "EUNATCH", "Protocol driver not attached" },
	{ 50, 0, "ENOCSI", "No CSI structure available" },
	{ 51, 0, "EL2HLT", "Level 2 halted" },
	{ 52, 0, "EBADE", "Invalid exchange" },
	{ 53, 0, "EBADR", "Invalid request descriptor" },
	{ 54, 0, "EXFULL", "Exchange full" },
	{ 55, 0, "ENOANO", "No anode" },
	{ 56, 0, "EBADRQC", "Invalid request code" },
	{ 57, 0, "EBADSLT", "Invalid slot" },
	{ 59, 0, "EBFONT", "Bad font file format" },
	{ 60, ENOSTR, "ENOSTR", "Device not a stream" },
	{ 61, ENODATA, "ENODATA", "No data available" },
	{ 62, ETIME, "ETIME", "Timer expired" },
	{ 63, ENOSR, "ENOSR", "Out of streams resources" },
	{ 64, 0, "ENONET", "Machine is not on the network" },
	{ 65, 0, "ENOPKG", "Package not installed" },
	{ 66, EREMOTE, "EREMOTE", "Object is remote" },
	{ 67, ENOLINK, "ENOLINK", "Link has been severed" },
	{ 68, 0, "EADV", "Advertise error" },
	{ 69, 0, "ESRMNT", "Srmount error" },
	{ 70, 0, "ECOMM", "Communication error on send" },
	{ 71, EPROTO, "EPROTO", "Protocol error" },
	{ 72, EMULTIHOP, "EMULTIHOP", "Multihop attempted" },
	{ 73, 0, "EDOTDOT", "RFS specific error" },
	{ 74, EBADMSG, "EBADMSG", "Bad message" },
	{ 75, EOVERFLOW, "EOVERFLOW", "Value too large for defined data type" },
	{ 76, 0, "ENOTUNIQ", "Name not unique on network" },
	{ 77, 0, "EBADFD", "File descriptor in bad state" },
	{ 78, 0, "EREMCHG", "Remote address changed" },
	{ 79, 0, "ELIBACC", "Can not access a needed shared library" },
	{ 80, LOAD_ELIBBAD, "ELIBBAD", "Accessing a corrupted shared library" },
	{ 81, 0, "ELIBSCN", ".lib section in a.out corrupted" },
	{ 82, 0, "ELIBMAX", "Attempting to link in too many shared libraries" },
	{ 83, 0, "ELIBEXEC", "Cannot exec a shared library directly" },
	{ 84, EILSEQ, "EILSEQ",
	    "Invalid or incomplete multibyte or wide character" },
	{ 85, 0, "ERESTART", "Interrupted system call should be restarted" },
	{ 86, 0, "ESTRPIPE", "Streams pipe error" },
	{ 87, EUSERS, "EUSERS", "Too many users" },
	{ 88, ENOTSOCK, "ENOTSOCK", "Socket operation on non-socket" },
	{ 89, EDESTADDRREQ, "EDESTADDRREQ", "Destination address required" },
	{ 90, EMSGSIZE, "EMSGSIZE", "Message too long" },
	{ 91, EPROTOTYPE, "EPROTOTYPE", "Protocol wrong type for socket" },
	{ 92, ENOPROTOOPT, "ENOPROTOOPT", "Protocol not available" },
	{ 93, EPROTONOSUPPORT, "EPROTONOSUPPORT", "Protocol not supported" },
	{ 94, ESOCKTNOSUPPORT, "ESOCKTNOSUPPORT", "Socket type not supported" },
	{ 95, EOPNOTSUPP, "EOPNOTSUPP", "Operation not supported" },
	{ 96, EPFNOSUPPORT, "EPFNOSUPPORT", "Protocol family not supported" },
	{ 97, EAFNOSUPPORT, "EAFNOSUPPORT",
	    "Address family not supported by protocol" },
	{ 98, EADDRINUSE, "EADDRINUSE", "Address already in use" },
	{ 99, EADDRNOTAVAIL, "EADDRNOTAVAIL",
	    "Cannot assign requested address" },
	{ 100, ENETDOWN, "ENETDOWN", "Network is down" },
	{ 101, ENETUNREACH, "ENETUNREACH", "Network is unreachable" },
	{ 102, ENETRESET, "ENETRESET", "Network dropped connection on reset" },
	{ 103, ECONNABORTED, "ECONNABORTED",
	    "Software caused connection abort" },
	{ 104, ECONNRESET, "ECONNRESET", "Connection reset by peer" },
	{ 105, ENOBUFS, "ENOBUFS", "No buffer space available" },
	{ 106, EISCONN, "EISCONN", "Transport endpoint is already connected" },
	{ 107, ENOTCONN, "ENOTCONN", "Transport endpoint is not connected" },
	{ 108, ESHUTDOWN, "ESHUTDOWN",
	    "Cannot send after transport endpoint shutdown" },
	{ 109, ETOOMANYREFS, "ETOOMANYREFS",
	    "Too many references: cannot splice" },
	{ 110, ETIMEDOUT, "ETIMEDOUT", "Connection timed out" },
	{ 111, ECONNREFUSED, "ECONNREFUSED", "Connection refused" },
	{ 112, EHOSTDOWN, "EHOSTDOWN", "Host is down" },
	{ 113, EHOSTUNREACH, "EHOSTUNREACH", "No route to host" },
	{ 114, EALREADY, "EALREADY", "Operation already in progress" },
	{ 115, EINPROGRESS, "EINPROGRESS", "Operation now in progress" },
	{ 116, ESTALE, "ESTALE", "Stale file handle" },
	{ 117, 0, "EUCLEAN", "Structure needs cleaning" },
	{ 118, 0, "ENOTNAM", "Not a XENIX named type file" },
	{ 119, 0, "ENAVAIL", "No XENIX semaphores available" },
	{ 120, 0, "EISNAM", "Is a named type file" },
	{ 121, 0, "EREMOTEIO", "Remote I/O error" },
	{ 122, EDQUOT, "EDQUOT", "Disk quota exceeded" },
	{ 123, 0, "ENOMEDIUM", "No medium found" },
	{ 124, 0, "EMEDIUMTYPE", "Wrong medium type" },
	{ 125, ECANCELED, "ECANCELED", "Operation canceled" },
	{ 126, 0, "ENOKEY", "Required key not available" },
	{ 127, 0, "EKEYEXPIRED", "Key has expired" },
	{ 128, 0, "EKEYREVOKED", "Key has been revoked" },
	{ 129, 0, "EKEYREJECTED", "Key was rejected by service" },
	{ 130, EOWNERDEAD, "EOWNERDEAD", "Owner died" },
	{ 131, ENOTRECOVERABLE, "ENOTRECOVERABLE", "State not recoverable" },
	{ 132, 0, "ERFKILL", "Operation not possible due to RF-kill" },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct errno_row *
row_of_number(int number)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		if (rows[i].number == number)
			return &rows[i];
	return NULL;
}

int
errno_to_linux(int host)
{
	const struct errno_row *row;
	size_t i;

	if (host == 0)
		return 0;
	for (i = 0; i < ROWS; i++)
		if (rows[i].host == host)
			return rows[i].number;
	if (host == ENOTSUP)
		return LX_EOPNOTSUPP;
	/* An error that only Linux hosts know has its own number. */
	row = row_of_number(host);
	return row != NULL && row->host == 0 ? host : LX_EIO;
}

int
errno_of_linux(int number)
{
	const struct errno_row *row;

	if (number == 0)
		return 0;
	row = row_of_number(number);
	if (row != NULL && row->host != 0)
		return row->host;
	return errno_to_linux(number) == number ? number : EIO;
}

const char *
errno_name(int number)
{
	const struct errno_row *row;

	row = row_of_number(number);
	return row == NULL ? NULL : row->name;
}

const char *
errno_text(int number)
{
	const struct errno_row *row;

	row = row_of_number(number);
	return row == NULL ? NULL : row->text;
}
