/*
 * Stands in for a program that Windows ships and Wine has not: answers as the script beside it says.
 *
 * fake.exe reads fake.answers (UTF-8, made by fake-tool.ts) from its own folder, logs its exact command line in fake.log and
 * keeps its variables in fake.state. A script is a list of blocks; the first whose pattern fits the arguments is carried out:
 *
 *   on <TAB>arg<TAB>arg     `*` fits any one argument and is $1, $2, ...; `...` at the end fits any number
 *   [?name=value ][?name!=value ]action
 *
 * Actions, one a line; ${name} and $1 are replaced in what follows them:
 *   print text | raw hex | error text | set name=value | exit number | wait milliseconds
 *   file path<TAB>text | remove path | registry key<TAB>name<TAB>kind<TAB>text
 */
#include <windows.h>
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VARIABLES_MAX 64
#define CAPTURES_MAX 9
#define LINE_MAX 8192
#define NO_ANSWER 99

/* Arguments are taken as they came: the C library would replace *.inf by what lies here. */
int _dowildcard = 0;

static char names[VARIABLES_MAX][64];
static char values[VARIABLES_MAX][512];
static int variables = 0;
static char captures[CAPTURES_MAX + 1][1024];
static char base[MAX_PATH * 3];

static char *utf8(const wchar_t *wide) {
  int size = WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL);
  char *text = malloc(size);
  WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, size, NULL, NULL);
  return text;
}

static wchar_t *wide(const char *text) {
  int size = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
  wchar_t *result = malloc(size * sizeof(wchar_t));
  MultiByteToWideChar(CP_UTF8, 0, text, -1, result, size);
  return result;
}

static FILE *openBeside(const char *extension, const wchar_t *mode) {
  char path[MAX_PATH * 3 + 16];
  snprintf(path, sizeof path, "%s%s", base, extension);
  wchar_t *name = wide(path);
  FILE *file = _wfopen(name, mode);
  free(name);
  return file;
}

static const char *valueOf(const char *name) {
  for (int i = 0; i < variables; i++)
    if (strcmp(names[i], name) == 0) return values[i];
  return "";
}

static void setValue(const char *name, const char *value) {
  int i = 0;
  while (i < variables && strcmp(names[i], name) != 0) i++;
  if (i == VARIABLES_MAX) return;
  if (i == variables) variables++;
  snprintf(names[i], sizeof names[i], "%s", name);
  snprintf(values[i], sizeof values[i], "%s", value);
}

static void trimEnd(char *line) {
  size_t length = strlen(line);
  while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) line[--length] = 0;
}

static void readState(void) {
  FILE *file = openBeside(".state", L"rb");
  if (!file) return;
  char line[LINE_MAX];
  while (fgets(line, sizeof line, file)) {
    trimEnd(line);
    char *equals = strchr(line, '=');
    if (!equals) continue;
    *equals = 0;
    setValue(line, equals + 1);
  }
  fclose(file);
}

static void writeState(void) {
  FILE *file = openBeside(".state", L"wb");
  if (!file) return;
  for (int i = 0; i < variables; i++) fprintf(file, "%s=%s\n", names[i], values[i]);
  fclose(file);
}

static void expand(const char *text, char *out, size_t size) {
  size_t at = 0;
  while (*text && at + 1 < size) {
    const char *end;
    if (text[0] == '$' && text[1] == '{' && (end = strchr(text, '}')) != NULL) {
      char name[64];
      snprintf(name, sizeof name, "%.*s", (int)(end - text - 2), text + 2);
      at += snprintf(out + at, size - at, "%s", valueOf(name));
      text = end + 1;
    } else if (text[0] == '$' && text[1] >= '1' && text[1] <= '9') {
      at += snprintf(out + at, size - at, "%s", captures[text[1] - '0']);
      text += 2;
    } else {
      out[at++] = *text++;
    }
  }
  out[at < size ? at : size - 1] = 0;
}

/* The pattern is "on" and what follows it, apart by tabs. */
static int fits(char *pattern, int count, char **arguments) {
  int captured = 0;
  int at = 0;
  char *part = strchr(pattern, '\t');
  while (part) {
    char *next = strchr(++part, '\t');
    if (next) *next = 0;
    if (strcmp(part, "...") == 0) return 1;
    if (at >= count) return 0;
    if (strcmp(part, "*") == 0) {
      if (captured < CAPTURES_MAX) snprintf(captures[++captured], sizeof captures[0], "%s", arguments[at]);
    } else if (_stricmp(part, arguments[at]) != 0) {
      return 0;
    }
    at++;
    part = next;
  }
  return at == count;
}

/* Takes the conditions off the front; NULL if one does not hold. */
static char *whenTrue(char *line) {
  while (*line == '?') {
    char *end = strchr(line, ' ');
    if (!end) return NULL;
    *end = 0;
    char *equals = strchr(line, '=');
    if (!equals) return NULL;
    int unequal = equals > line && equals[-1] == '!';
    *equals = 0;
    if (unequal) equals[-1] = 0;
    char expected[512];
    expand(equals + 1, expected, sizeof expected);
    if ((strcmp(valueOf(line + 1), expected) == 0) == unequal) return NULL;
    line = end + 1;
  }
  return line;
}

static void writeRaw(const char *hex) {
  for (; hex[0] && hex[1]; hex += 2) {
    char pair[3] = {hex[0], hex[1], 0};
    fputc((int)strtol(pair, NULL, 16), stdout);
  }
}

static void writeRegistry(char *rest) {
  char *parts[4] = {rest, "", "", ""};
  for (int i = 1; i < 4; i++) {
    char *tab = strchr(parts[i - 1], '\t');
    if (!tab) break;
    *tab = 0;
    parts[i] = tab + 1;
  }
  wchar_t *key = wide(parts[0]), *name = wide(parts[1]), *text = wide(parts[3]);
  HKEY opened;
  if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, key, 0, NULL, 0, KEY_WRITE, NULL, &opened, NULL) == ERROR_SUCCESS) {
    if (strcmp(parts[2], "dword") == 0) {
      DWORD number = (DWORD)strtoul(parts[3], NULL, 0);
      RegSetValueExW(opened, name, 0, REG_DWORD, (BYTE *)&number, sizeof number);
    } else {
      RegSetValueExW(opened, name, 0, REG_SZ, (BYTE *)text, (DWORD)((wcslen(text) + 1) * sizeof(wchar_t)));
    }
    RegCloseKey(opened);
  }
}

static void writeText(char *rest) {
  char *tab = strchr(rest, '\t');
  if (tab) *tab = 0;
  FILE *file = _wfopen(wide(rest), L"wb");
  if (!file) return;
  if (tab) fputs(tab + 1, file);
  fclose(file);
}

/* Returns the exit code if this line ends the program, -1 otherwise. */
static int act(char *line) {
  char *action = whenTrue(line);
  if (!action) return -1;
  char *space = strchr(action, ' ');
  char rest[LINE_MAX] = "";
  if (space) {
    *space = 0;
    expand(space + 1, rest, sizeof rest);
  }
  if (strcmp(action, "print") == 0) {
    fputs(rest, stdout);
    fputs("\r\n", stdout);
  } else if (strcmp(action, "raw") == 0) {
    writeRaw(rest);
  } else if (strcmp(action, "error") == 0) {
    fputs(rest, stderr);
    fputs("\r\n", stderr);
  } else if (strcmp(action, "set") == 0) {
    char *equals = strchr(rest, '=');
    if (equals) {
      *equals = 0;
      setValue(rest, equals + 1);
    }
  } else if (strcmp(action, "wait") == 0) {
    Sleep((DWORD)strtoul(rest, NULL, 10));
  } else if (strcmp(action, "file") == 0) {
    writeText(rest);
  } else if (strcmp(action, "remove") == 0) {
    DeleteFileW(wide(rest));
  } else if (strcmp(action, "registry") == 0) {
    writeRegistry(rest);
  } else if (strcmp(action, "exit") == 0) {
    return (int)strtoul(rest, NULL, 0);
  }
  return -1;
}

int wmain(int count, wchar_t **wideArguments) {
  _setmode(_fileno(stdout), _O_BINARY);
  _setmode(_fileno(stderr), _O_BINARY);
  wchar_t self[MAX_PATH];
  GetModuleFileNameW(NULL, self, MAX_PATH);
  snprintf(base, sizeof base, "%s", utf8(self));
  char *dot = strrchr(base, '.');
  if (dot) *dot = 0;
  char *arguments[256];
  int given = 0;
  for (int i = 1; i < count && given < 256; i++) arguments[given++] = utf8(wideArguments[i]);

  FILE *log = openBeside(".log", L"ab");
  if (log) {
    fprintf(log, "%s\n", utf8(GetCommandLineW()));
    fclose(log);
  }
  readState();
  FILE *script = openBeside(".answers", L"rb");
  if (!script) return NO_ANSWER;
  char line[LINE_MAX];
  int chosen = 0;
  int code = NO_ANSWER;
  while (fgets(line, sizeof line, script)) {
    trimEnd(line);
    if (line[0] == 0 || line[0] == '#') continue;
    if (strncmp(line, "on", 2) == 0 && (line[2] == 0 || line[2] == '\t')) {
      if (chosen) break;
      chosen = fits(line, given, arguments);
      if (chosen) code = 0;
    } else if (chosen) {
      int ended = act(line);
      if (ended >= 0) {
        code = ended;
        break;
      }
    }
  }
  fclose(script);
  writeState();
  fflush(stdout);
  return code;
}
