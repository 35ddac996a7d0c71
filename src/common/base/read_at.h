/* All of a part of an open file. */
#ifndef READ_AT_H
#define READ_AT_H

#include <stddef.h>
#include <stdint.h>

/* 0, or an errno; EIO: the file ends before. */
int read_at(int fd, uint64_t offset, void *to, size_t length);

#endif
