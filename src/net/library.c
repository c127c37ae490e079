/* Libraries that are opened when they are needed, and their functions by name. */
#include "config.h"

#include "net/library.h"

#include <dlfcn.h>
#include <string.h>

bool library_load(const char *const *names, const struct library_function *functions,
                  size_t n, void *structure, const char **missing)
{
	void *handle = NULL;

	*missing = NULL;
	while (!handle && *names)
		handle = dlopen(*names++, RTLD_NOW | RTLD_LOCAL);
	for (size_t i = 0; handle && i < n; i++) {
		/* POSIX says that a void * from dlsym holds a function; C does not. */
		void *function = dlsym(handle, functions[i].name);

		if (!function) {
			*missing = functions[i].name;
			dlclose(handle);
			return false;
		}
		memcpy((char *)structure + functions[i].at, &function, sizeof function);
	}
	return handle;
}
