/* SHA-256 of a file. */
#ifndef DIGEST_H
#define DIGEST_H

enum { DIGEST_SIZE = 65 };

/* In hexadecimal, of the whole file behind fd, whose offset stays.  -1:
 * errno. */
int digest_file(int fd, char out[DIGEST_SIZE]);

#endif
