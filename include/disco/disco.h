/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <disco/disco-agent.h>
#include <disco/disco-avahi-agent.h>
#include <disco/disco-diagnosis.h>
#include <disco/disco-diff.h>
#include <disco/disco-error.h>
#include <disco/disco-event.h>
#include <disco/disco-instance-list.h>
#include <disco/disco-instance.h>
#include <disco/disco-local-agent.h>
#include <disco/disco-macros.h>
#include <disco/disco-registration.h>
#include <disco/disco-service.h>
#include <disco/disco-version.h>
#include <disco/disco-watcher.h>
