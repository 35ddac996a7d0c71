/*
 * Functions of a library, or a module, that is loaded when it is first asked: a
 * struct of them, which its own file fills.
 */
#ifndef LATE_H
#define LATE_H

#include <dlfcn.h>

/* A member of the struct, of the type that the function has. */
#define LATE_MEMBER(name) __typeof__(&name) name;

/* false: there is none, and dlerror() says why.  As POSIX shows it: ISO C turns
 * no object's address into a function's. */
#define LATE_FIND(functions, handle, name)                                     \
	((*(void **)&(functions).name = dlsym(handle, #name)) != NULL)

#endif
