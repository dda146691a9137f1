package check

// nonblocking has no meaning for files here.
const nonblocking = 0
