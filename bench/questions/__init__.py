# SPDX-License-Identifier: LGPL-2.1-or-later
"""One question a module: BED is what run-on-bed is given (None: no bed), measure() asks."""
