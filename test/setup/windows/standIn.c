/*
 * Stands in for another program of Windows, as cmd\git.exe of Git for Windows does: starts it with the same command line and
 * standard streams, waits for it, and ends with its exit code. To kill this one leaves the other running.
 *
 * Beside NAME.exe, in UTF-8: NAME.exe.program has the path of the other one. As long as there is NAME.exe.hold, a command line that
 * holds what stands in it waits, after NAME.exe.held has come into being.
 */
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

#define LONGEST 32768

static wchar_t own[LONGEST];

/* What stands in the file of that ending; empty where there is none. */
static const wchar_t *beside(const wchar_t *ending)
{
	static wchar_t text[LONGEST];
	static char bytes[LONGEST];
	wchar_t path[MAX_PATH * 2];
	DWORD size = 0;
	HANDLE file;

	_snwprintf(path, MAX_PATH * 2, L"%ls%ls", own, ending);
	file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
	text[0] = 0;
	if (file == INVALID_HANDLE_VALUE)
		return text;
	ReadFile(file, bytes, LONGEST - 1, &size, NULL);
	CloseHandle(file);
	text[MultiByteToWideChar(CP_UTF8, 0, bytes, size, text, LONGEST - 1)] = 0;
	return text;
}

static void tell_that_it_is_held(void)
{
	wchar_t path[MAX_PATH * 2];

	_snwprintf(path, MAX_PATH * 2, L"%ls.held", own);
	CloseHandle(CreateFileW(path, GENERIC_WRITE, FILE_SHARE_DELETE, NULL, CREATE_ALWAYS, 0, NULL));
}

/* The command line without the name of the program. */
static const wchar_t *arguments(void)
{
	const wchar_t *at = GetCommandLineW();

	if (*at == L'"') {
		at = wcschr(at + 1, L'"');
		return at ? at + 1 : L"";
	}
	while (*at && *at != L' ' && *at != L'\t')
		at++;
	return at;
}

int wmain(void)
{
	static wchar_t line[LONGEST], held[LONGEST];
	STARTUPINFOW startup = { .cb = sizeof(startup), .dwFlags = STARTF_USESTDHANDLES };
	PROCESS_INFORMATION started;
	DWORD code = 1;

	GetModuleFileNameW(NULL, own, LONGEST);
	wcscpy(held, beside(L".hold"));
	if (held[0] && wcsstr(arguments(), held)) {
		tell_that_it_is_held();
		while (beside(L".hold")[0])
			Sleep(50);
	}
	_snwprintf(line, LONGEST, L"\"%ls\"%ls", beside(L".program"), arguments());
	startup.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
	startup.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
	startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
	if (!CreateProcessW(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &started)) {
		fwprintf(stderr, L"%ls cannot be started: %lu\n", line, GetLastError());
		return 127;
	}
	WaitForSingleObject(started.hProcess, INFINITE);
	GetExitCodeProcess(started.hProcess, &code);
	return (int)code;
}
