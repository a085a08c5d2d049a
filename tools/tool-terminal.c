/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tool-terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#define USUAL_WIDTH 80
#define USUAL_HEIGHT 24

/* A serial line has no size, which reads as 0. */
ToolSize
tool_terminal_get_size (int fd)
{
  struct winsize size = { 0 };
  const gboolean known = ioctl (fd, TIOCGWINSZ, &size) == 0;

  return (ToolSize){ .width = known && size.ws_col > 0 ? size.ws_col : USUAL_WIDTH,
                     .height = known && size.ws_row > 0 ? size.ws_row : USUAL_HEIGHT };
}

gboolean
tool_terminal_in_background (int fd)
{
  const pid_t foreground = tcgetpgrp (fd);

  return foreground > 0 && foreground != getpgrp ();
}
