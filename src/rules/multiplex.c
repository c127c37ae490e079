/* How calls are reached through socketcall and ipc. */
#include <string.h>

#include "rules/rules.h"

/*
 * Calls that are also made through socketcall and ipc, and by which number, from
 * <linux/net.h> and <linux/ipc.h>. Their constants do not help: SYS_SECCOMP is 1,
 * as SYS_SOCKET is, but a code of SIGSYS.
 */
static const struct {
	const char *name;
	bool ipc;
	uint32_t call;
} multiplexed[] = {
	{ "socket", false, 1 },
	{ "bind", false, 2 },
	{ "connect", false, 3 },
	{ "listen", false, 4 },
	{ "accept", false, 5 },
	{ "getsockname", false, 6 },
	{ "getpeername", false, 7 },
	{ "socketpair", false, 8 },
	{ "send", false, 9 },
	{ "recv", false, 10 },
	{ "sendto", false, 11 },
	{ "recvfrom", false, 12 },
	{ "shutdown", false, 13 },
	{ "setsockopt", false, 14 },
	{ "getsockopt", false, 15 },
	{ "sendmsg", false, 16 },
	{ "recvmsg", false, 17 },
	{ "accept4", false, 18 },
	{ "recvmmsg", false, 19 },
	{ "sendmmsg", false, 20 },
	{ "semop", true, 1 },
	{ "semget", true, 2 },
	{ "semctl", true, 3 },
	{ "semtimedop", true, 4 },
	{ "msgsnd", true, 11 },
	{ "msgrcv", true, 12 },
	{ "msgget", true, 13 },
	{ "msgctl", true, 14 },
	{ "shmat", true, 21 },
	{ "shmdt", true, 22 },
	{ "shmget", true, 23 },
	{ "shmctl", true, 24 },
};

struct rules_multiplex rules_multiplex(const struct sys_abi *abi,
                                       const char *name, size_t len)
{
	struct rules_multiplex none = { 0 };
	struct sys_call call;

	for (uint32_t i = 0; abi->multiplexed && i < ARRAY_LEN(multiplexed); i++) {
		bool ipc = multiplexed[i].ipc;

		if (strlen(multiplexed[i].name) != len ||
		    memcmp(multiplexed[i].name, name, len) != 0)
			continue;
		if (!sys_call_by_name(abi, ipc ? "ipc" : "socketcall",
		                      ipc ? 3 : 10, &call))
			return none;
		return (struct rules_multiplex){
			.there = true,
			.nr = call.nr,
			.mask = ipc ? 0xffff : UINT32_MAX,
			.call = multiplexed[i].call,
		};
	}
	return none;
}
