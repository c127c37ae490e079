/* rules: what policies answer to calls; order, ABIs, kernels, types. */
#include "subject.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>

/* --- order, ABIs, kernel -------------------------------------------------- */

static void the_first_matching_rule_decides(void **state)
{
	struct subject s = { 0 };

	compile(&s, "abi x86_64; default errno EPERM\n"
	            "allow read if fd == 0\n"
	            "log read if fd <= 2\n"
	            "kill read; allow write\n"
	            "errno ENOSYS write");
	call(&s, NR(read), 0, 0, 0, 0, ALLOW);
	call(&s, NR(read), 2, 0, 0, 0, LOG);
	call(&s, NR(read), 3, 0, 0, 0, KILL);
	call(&s, NR(write), 3, 0, 0, 0, ALLOW);
	call(&s, NR(close), 3, 0, 0, 0, EPERM_);
	finish(&s);
}

static void other_abis_are_foreign(void **state)
{
	struct subject s = { 0 };

	compile(&s, "abi x86_64\ndefault allow");
	answers(&s, X86_64, NR(read), 0, 0, 0, 0, ALLOW);
	answers(&s, I386, 3, 0, 0, 0, 0, KILL);
	answers(&s, AUDIT_ARCH_AARCH64, 3, 0, 0, 0, 0, KILL);
	answers(&s, X86_64, X32 | NR(read), 0, 0, 0, 0, KILL);
	finish(&s);
	compile(&s, "abi x86_64\ndefault allow\nforeign errno ENOSYS");
	answers(&s, I386, 3, 0, 0, 0, 0, ENOSYS_);
	finish(&s);
}

static void x32_numbers_are_not_x86_64_s(void **state)
{
	struct subject s = { 0 };

	compile(&s, "abi x86_64\ndefault allow\nerrno EPERM nr(-1)");
	call(&s, 511, 0, 0, 0, 0, ALLOW);
	call(&s, 512, 0, 0, 0, 0, KILL);
	call(&s, 547, 0, 0, 0, 0, KILL);
	call(&s, 548, 0, 0, 0, 0, ALLOW);
	call(&s, X32 - 1, 0, 0, 0, 0, ALLOW);
	call(&s, X32, 0, 0, 0, 0, KILL);
	call(&s, 0x7fffffff, 0, 0, 0, 0, KILL);
	call(&s, 0x80000000, 0, 0, 0, 0, ALLOW);
	call(&s, 0xbfffffff, 0, 0, 0, 0, ALLOW);
	call(&s, 0xc0000000, 0, 0, 0, 0, KILL);
	call(&s, 0xfffffffe, 0, 0, 0, 0, KILL);
	call(&s, 0xffffffff, 0, 0, 0, 0, EPERM_);
	finish(&s);
}

static void x32_can_be_named(void **state)
{
	struct subject s = { 0 };

	compile(&s, "abi x86_64, x32\ndefault errno EPERM\n"
	            "on x32 { allow ioctl if cmd == TCGETS }\n"
	            "allow nr(0)");
	call(&s, X32 | 514, 0, K(TCGETS), 0, 0, ALLOW);
	call(&s, 514, 0, K(TCGETS), 0, 0, ALLOW);
	call(&s, 514, 0, K(TIOCSTI), 0, 0, EPERM_);
	call(&s, 16, 0, K(TCGETS), 0, 0, EPERM_);
	call(&s, 0, 0, 0, 0, 0, ALLOW);
	call(&s, X32, 0, 0, 0, 0, ALLOW);
	finish(&s);
	compile(&s, "abi x32\ndefault allow");
	call(&s, 0, 0, 0, 0, 0, KILL);
	call(&s, 0xffffffff, 0, 0, 0, 0, KILL);
	call(&s, X32, 0, 0, 0, 0, ALLOW);
	finish(&s);
}

static void what_the_kernel_lacks_is_enosys(void **state)
{
	struct subject s = { 0 };

	compile(&s,
	        "abi x86_64, i386\ndefault allow\nkernel 5.8\nerrno EPERM cachestat");
	call(&s, NR(read), 0, 0, 0, 0, ALLOW);
	call(&s, NR(openat2), 0, 0, 0, 0, ALLOW);
	call(&s, NR(faccessat2), 0, 0, 0, 0, ALLOW);
	call(&s, NR(close_range), 0, 0, 0, 0, ENOSYS_);
	call(&s, 451, 0, 0, 0, 0,
	     EPERM_);                       /* a rule decides before the kernel */
	call(&s, 400, 0, 0, 0, 0, ENOSYS_); /* a gap */
	call(&s, 100000, 0, 0, 0, 0, ENOSYS_);
	call(&s, 0xffffffff, 0, 0, 0, 0, ENOSYS_);
	call(&s, X32, 0, 0, 0, 0, KILL);
	answers(&s, I386, 436, 0, 0, 0, 0, ENOSYS_);
	answers(&s, I386, 3, 0, 0, 0, 0, ALLOW);
	finish(&s);
}

/* --- types ---------------------------------------------------------------- */

static void garbage_above_an_int_does_not_matter(void **state)
{
	struct subject s = { 0 };
	uint64_t junk = UINT64_C(0xdeadbeef) << 32;

	compile(&s, "abi x86_64\ndefault allow\n"
	            "errno EPERM socket if family == AF_INET\n"
	            "errno EPERM openat if dirfd == AT_FDCWD\n"
	            "errno EPERM chmod if mode & S_ISUID\n"
	            "errno EPERM clone if flags & CLONE_NEWUSER\n"
	            "errno EPERM mmap if fd == -1");
	call(&s, NR(socket), junk | AF_INET, 0, 0, 0, EPERM_);
	call(&s, NR(socket), junk | AF_UNIX, 0, 0, 0, ALLOW);
	call(&s, NR(openat), (uint32_t)AT_FDCWD, 0, 0, 0, EPERM_);
	call(&s, NR(openat), (uint64_t)(int64_t)AT_FDCWD, 0, 0, 0, EPERM_);
	call(&s, NR(openat), 3, 0, 0, 0, ALLOW);
	call(&s, NR(chmod), 0, 0x7f0000 | 04755, 0, 0, EPERM_);
	call(&s, NR(chmod), 0, junk | 04755, 0, 0, EPERM_);
	call(&s, NR(chmod), 0, 0xf0755, 0, 0, ALLOW);
	call(&s, NR(clone), junk | 0x10000000, 0, 0, 0, EPERM_);
	finish(&s);
}

static void umode_t_has_16_bits(void **state)
{
	struct subject s = { 0 };

	compile(&s,
	        "abi x86_64\ndefault allow\nerrno EPERM chmod if mode == 04755");
	call(&s, NR(chmod), 0, 0x7f0000 | 04755, 0, 0, EPERM_);
	call(&s, NR(chmod), 0, 0755, 0, 0, ALLOW);
	finish(&s);
}

static void longs_are_compared_whole(void **state)
{
	struct subject s = { 0 };
	uint64_t high = UINT64_C(1) << 32;

	compile(&s, "abi x86_64\ndefault allow\n"
	            "errno EPERM mprotect if prot == 4\n"
	            "errno ENOSYS mprotect if prot & 4\n"
	            "errno EPERM write if count > 0xfffffffff\n"
	            "errno EPERM lseek if offset < -1\n"
	            "errno ENOSYS lseek if offset in (-1 .. 5)\n"
	            "errno EPERM fcntl if args[2] == 0x100000002");
	call(&s, NR(mprotect), 0, 0, 4, 0, EPERM_);
	call(&s, NR(mprotect), 0, 0, high | 4, 0, ENOSYS_);
	call(&s, NR(mprotect), 0, 0, 3, 0, ALLOW);
	call(&s, NR(write), 0, 0, UINT64_C(0xfffffffff), 0, ALLOW);
	call(&s, NR(write), 0, 0, UINT64_C(0x1000000000), 0, EPERM_);
	call(&s, NR(write), 0, 0, UINT64_C(0xf00000000), 0, ALLOW);
	call(&s, NR(write), 0, 0, UINT64_MAX, 0, EPERM_);
	call(&s, NR(lseek), 0, (uint64_t)-2, 0, 0, EPERM_);
	call(&s, NR(lseek), 0, (uint64_t)INT64_MIN, 0, 0, EPERM_);
	call(&s, NR(lseek), 0, (uint64_t)-1, 0, 0, ENOSYS_);
	call(&s, NR(lseek), 0, 0, 0, 0, ENOSYS_);
	call(&s, NR(lseek), 0, 5, 0, 0, ENOSYS_);
	call(&s, NR(lseek), 0, 6, 0, 0, ALLOW);
	call(&s, NR(lseek), 0, high, 0, 0, ALLOW);
	call(&s, NR(lseek), 0, INT64_MAX, 0, 0, ALLOW);
	call(&s, NR(fcntl), 0, 0, 2, 0, ALLOW);
	call(&s, NR(fcntl), 0, 0, high | 2, 0, EPERM_);
	finish(&s);
}

static void ints_are_ordered_with_their_sign(void **state)
{
	struct subject s = { 0 };

	compile(&s, "abi x86_64\ndefault allow\n"
	            "errno EPERM kill if pid < -5\n"
	            "errno ENOSYS kill if pid <= 0\n"
	            "log kill if pid > 0x7ffffff0");
	call(&s, NR(kill), (uint32_t)-6, 0, 0, 0, EPERM_);
	call(&s, NR(kill), 0x80000000, 0, 0, 0, EPERM_);
	call(&s, NR(kill), (uint32_t)-5, 0, 0, 0, ENOSYS_);
	call(&s, NR(kill), 0, 0, 0, 0, ENOSYS_);
	call(&s, NR(kill), 1, 0, 0, 0, ALLOW);
	call(&s, NR(kill), 0x7ffffff0, 0, 0, 0, ALLOW);
	call(&s, NR(kill), 0x7ffffff1, 0, 0, 0, LOG);
	finish(&s);
}

static void extremes_of_a_type_are_no_special_case(void **state)
{
	struct subject s = { 0 };

	compile(&s, "abi x86_64\ndefault allow\n"
	            "errno EPERM kill if pid < -0x80000000\n"
	            "errno EPERM close if fd > 0xffffffff\n"
	            "errno EPERM lseek if offset > 0x7fffffffffffffff\n"
	            "errno ENOSYS lseek if offset >= -0x8000000000000000\n"
	            "errno ENOSYS close if fd <= 0xffffffff\n"
	            "errno EPERM write if count < 0");
	call(&s, NR(kill), 0x80000000, 0, 0, 0, ALLOW);
	call(&s, NR(close), 0xffffffff, 0, 0, 0, ENOSYS_);
	call(&s, NR(lseek), 0, INT64_MAX, 0, 0, ENOSYS_);
	call(&s, NR(lseek), 0, (uint64_t)INT64_MIN, 0, 0, ENOSYS_);
	call(&s, NR(write), 0, 0, UINT64_MAX, 0, ALLOW);
	finish(&s);
}

static void casts_override_the_type(void **state)
{
	struct subject s = { 0 };

	compile(&s, "abi x86_64\ndefault allow\n"
	            "errno EPERM socket if u64(family) > 40\n"
	            "errno EPERM kill if u32(pid) > 0x80000000\n"
	            "errno EPERM lseek if i32(offset) < 0 and u64(offset) > 0\n"
	            "errno EPERM close if i64(fd) == -1");
	call(&s, NR(socket), UINT64_C(1) << 32 | AF_INET, 0, 0, 0, EPERM_);
	call(&s, NR(socket), 40, 0, 0, 0, ALLOW);
	call(&s, NR(kill), (uint32_t)-1, 0, 0, 0, EPERM_);
	call(&s, NR(kill), 5, 0, 0, 0, ALLOW);
	call(&s, NR(lseek), 0, 0xffffffff, 0, 0, EPERM_);
	call(&s, NR(lseek), 0, 0x7fffffff, 0, 0, ALLOW);
	call(&s, NR(close), 0xffffffff, 0, 0, 0, ALLOW);
	call(&s, NR(close), UINT64_MAX, 0, 0, 0, EPERM_);
	finish(&s);
}

static void arguments_compare_with_arguments(void **state)
{
	struct subject s = { 0 };

	compile(&s, "abi x86_64\ndefault allow\n"
	            "errno EPERM dup2 if oldfd == newfd\n"
	            "errno ENOSYS dup2 if oldfd > newfd\n"
	            "errno EPERM kill if pid < sig\n"
	            "errno EPERM sync_file_range if offset >= nbytes\n"
	            "errno EPERM mremap if old_len < new_len\n"
	            "errno ENOSYS mremap if old_len within new_len\n"
	            "errno EPERM mmap if prot & flags");
	call(&s, NR(dup2), 3, 3, 0, 0, EPERM_);
	call(&s, NR(dup2), UINT64_C(7) << 32 | 3, 3, 0, 0, EPERM_);
	call(&s, NR(dup2), 4, 3, 0, 0, ENOSYS_);
	call(&s, NR(dup2), 3, 4, 0, 0, ALLOW);
	call(&s, NR(kill), (uint32_t)-1, 0, 0, 0, EPERM_);
	call(&s, NR(kill), 0, (uint32_t)-1, 0, 0, ALLOW);
	call(&s, NR(sync_file_range), 0, (uint64_t)-1, 0, 0, ALLOW);
	call(&s, NR(sync_file_range), 0, 0, (uint64_t)-1, 0, EPERM_);
	call(&s, NR(sync_file_range), 0, UINT64_C(1) << 32, 5, 0, EPERM_);
	call(&s, NR(mremap), 0, 5, UINT64_C(1) << 32, 0, EPERM_);
	call(&s, NR(mremap), 0, UINT64_C(3) << 32, UINT64_C(1) << 32, 0, ALLOW);
	call(&s, NR(mremap), 0, UINT64_C(3) << 32, UINT64_C(3) << 32, 0,
	     ENOSYS_);
	call(&s, NR(mmap), 0, 0, 3, 2, EPERM_);
	call(&s, NR(mmap), 0, 0, 1, 2, ALLOW);
	finish(&s);
}

static void masks_sets_and_complements(void **state)
{
	struct subject s = { 0 };

	compile(&s,
	        "abi x86_64\ndefault errno EPERM\n"
	        "allow openat if flags within O_CLOEXEC | O_DIRECTORY\n"
	        "log openat if flags & O_ACCMODE == O_WRONLY\n"
	        "allow ioctl if request in (TCGETS, FIONREAD, 0x5402..0x5404, -1)\n"
	        "allow clone if flags within ~CLONE_IO\n"
	        "allow mmap if flags & ~0xff == 0x100000000 and not (prot & PROT_EXEC)\n"
	        "allow close if 3 within fd");
	call(&s, NR(openat), 0, 0, K(O_CLOEXEC), 0, ALLOW);
	call(&s, NR(openat), 0, 0, 0, 0, ALLOW);
	call(&s, NR(openat), 0, 0, K(O_TRUNC), 0, EPERM_);
	call(&s, NR(openat), 0, 0, K(O_TRUNC) | K(O_WRONLY), 0, LOG);
	call(&s, NR(ioctl), 0, K(TCGETS), 0, 0, ALLOW);
	call(&s, NR(ioctl), 0, 0x5404, 0, 0, ALLOW);
	call(&s, NR(ioctl), 0, 0x5405, 0, 0, EPERM_);
	call(&s, NR(ioctl), 0, 0xffffffff, 0, 0, ALLOW);
	call(&s, NR(clone), 0x7fffffff, 0, 0, 0, ALLOW);
	call(&s, NR(clone), 0x80000000, 0, 0, 0, EPERM_);
	call(&s, NR(mmap), 0, 0, 3, UINT64_C(0x100000022), ALLOW);
	call(&s, NR(mmap), 0, 0, 4, UINT64_C(0x100000022), EPERM_);
	call(&s, NR(mmap), 0, 0, 3, 0x22, EPERM_);
	call(&s, NR(close), 7, 0, 0, 0, ALLOW);
	call(&s, NR(close), 5, 0, 0, 0, EPERM_);
	finish(&s);
}

static void rules_about_one_operand_keep_their_order(void **state)
{
	struct subject s = { 0 };

	compile(&s, "abi x86_64\ndefault errno ENOSYS\n"
	            "errno EPERM kill if pid in (3..10, -1)\n"
	            "allow kill if u32(pid) > 0x80000000\n"
	            "log kill if pid < 5 or pid == 7 or pid == 20\n"
	            "kill kill if sig == 9\n"
	            "allow kill if pid <= 30");
	call(&s, NR(kill), 3, 0, 0, 0, EPERM_);
	call(&s, NR(kill), 7, 0, 0, 0, EPERM_);
	call(&s, NR(kill), 0xffffffff, 0, 0, 0, EPERM_);
	call(&s, NR(kill), 0xfffffffe, 0, 0, 0, ALLOW);
	call(&s, NR(kill), 0x80000000, 0, 0, 0, LOG);
	call(&s, NR(kill), 2, 9, 0, 0, LOG);
	call(&s, NR(kill), 20, 9, 0, 0, LOG);
	call(&s, NR(kill), 21, 9, 0, 0, KILL);
	call(&s, NR(kill), 21, 0, 0, 0, ALLOW);
	call(&s, NR(kill), 31, 0, 0, 0, ENOSYS_);
	finish(&s);
}

/* --- i386 ----------------------------------------------------------------- */

static void words_of_a_32_bit_abi_have_32_bits(void **state)
{
	struct subject s = { 0 };
	uint64_t junk = UINT64_C(0xdeadbeef) << 32;

	compile(&s, "abi i386\ndefault allow\n"
	            "errno EPERM pread64 if pos == 0x100000002\n"
	            "errno EPERM _llseek if offset < 0\n"
	            "errno EPERM write if u64(count) == 7\n"
	            "errno ENOSYS write if u64(count) > 0xfffffffe\n"
	            "log read if args[2] == 5");
	answers(&s, I386, 180, 0, 0, 0, junk | 2, ALLOW);
	{
		uint64_t args[SYS_ARGS] = { 0, 0, 0, junk | 2, junk | 1, 0 };

		assert_int_equal(rules_eval(s.tree, I386, 180, args), EPERM_);
		assert_int_equal(by_graph(&s, I386, 180, args), EPERM_);
	}
	/* Its high word comes first. */
	answers(&s, I386, 140, 0, 0x80000000, 0, 0, EPERM_);
	answers(&s, I386, 140, 0, 0, 0x80000000, 0, ALLOW);
	answers(&s, I386, 4, 0, 0, junk | 7, 0, EPERM_);
	answers(&s, I386, 4, 0, 0, junk | 0xffffffff, 0, ENOSYS_);
	answers(&s, I386, 3, 0, 0, junk | 5, 0, LOG);
	answers(&s, X86_64, 0, 0, 0, 0, 0, KILL);
	finish(&s);
}

static void socketcall_follows_socket(void **state)
{
	struct subject s = { 0 };

	compile(&s, "abi i386\ndefault allow\nerrno EPERM socket, accept");
	answers(&s, I386, 359, AF_INET, 0, 0, 0, EPERM_);
	answers(&s, I386, 102, 1, 0, 0, 0, EPERM_); /* SYS_SOCKET */
	answers(&s, I386, 102, 5, 0, 0, 0,
	        EPERM_); /* SYS_ACCEPT, which has no number */
	answers(&s, I386, 102, 2, 0, 0, 0, ALLOW);
	finish(&s);
	compile(&s,
	        "abi i386\ndefault allow\nerrno EPERM socket if family != AF_UNIX");
	answers(&s, I386, 359, AF_UNIX, 0, 0, 0, ALLOW);
	answers(&s, I386, 359, AF_INET, 0, 0, 0, EPERM_);
	answers(&s, I386, 102, 1, 0, 0, 0, EPERM_);
	finish(&s);
	compile(&s,
	        "abi i386\ndefault errno EPERM\nallow socket if family == AF_UNIX");
	answers(&s, I386, 359, AF_UNIX, 0, 0, 0, ALLOW);
	answers(&s, I386, 102, 1, 0, 0, 0, EPERM_);
	finish(&s);
	compile(&s, "abi i386\ndefault errno EPERM\nallow semop");
	answers(&s, I386, 117, 1, 0, 0, 0, ALLOW);
	answers(&s, I386, 117, 0x10001, 0, 0, 0, ALLOW);
	answers(&s, I386, 117, 2, 0, 0, 0, EPERM_);
	finish(&s);
	warned("abi i386; default errno EPERM; allow socket(AF_UNIX, _, _)",
	       "do not match this rule");
}

static void multiplexers_are_read_on_every_abi_that_has_them(void **state)
{
	static const struct {
		const char *abi;
		uint32_t socket, socketcall, ipc; /* 0: none */
	} rows[] = {
		{ "i386", 359, 102, 117 },
		{ "ppc", 326, 102, 117 },
		{ "ppc64", 326, 102, 117 },
		{ "ppc64le", 326, 102, 117 },
		{ "s390", 359, 102, 117 },
		{ "s390x", 359, 102, 117 },
		{ "mips", 4183, 4102, 4117 },
		{ "mipsel", 4183, 4102, 4117 },
		{ "m68k", 356, 102, 117 },
		{ "sh", 340, 102, 117 },
		{ "sheb", 340, 102, 117 },
	};
	uint64_t junk = UINT64_C(0xdeadbeef) << 32;
	struct sys_call c;

	for (int i = 0; i < SYS_NABIS; i++)
		assert_int_equal(sys_abis[i].multiplexed,
		                 sys_call_by_name(&sys_abis[i],
		                                  "socketcall", 10, &c));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct sys_abi *abi =
			sys_abi(rows[i].abi, strlen(rows[i].abi));
		struct subject s = { .options.abis = rows[i].abi };
		uint32_t eperm = 0x50001;

		compile(&s, "default allow\nerrno EPERM socket, shmat");
		answers(&s, abi->arch, rows[i].socket, 2, 1, 0, 0, eperm);
		answers(&s, abi->arch, rows[i].socketcall, junk | 1, 0, 0, 0,
		        eperm);
		answers(&s, abi->arch, rows[i].socketcall, 2, 0, 0, 0, ALLOW);
		answers(&s, abi->arch, rows[i].ipc, 21, 0, 0, 0, eperm);
		answers(&s, abi->arch, rows[i].ipc, junk | 0x10015, 0, 0, 0,
		        eperm);
		answers(&s, abi->arch, rows[i].ipc, 22, 0, 0, 0, ALLOW);
		finish(&s);
	}
}

/* A call may have come to one ABI long before it came to another. */
static void each_abi_has_first_kernels_of_its_own(void **state)
{
	static const struct {
		const char *abi;
		uint32_t nr;
		bool in_4_2, in_4_3, in_5_1;
	} rows[] = {
		{ "x86_64", 41, true, true, true }, /* socket */
		{ "s390x", 359, false, true, true },
		{ "m68k", 356, false, true, true },
		{ "mips", 4183, true, true, true },
		{ "arm", 403, false, false, true },  /* clock_gettime64 */
		{ "s390", 393, false, false, true }, /* semget */
		{ "aarch64", 198, true, true, true },
		{ "riscv64", 198, false, false, true }, /* Linux 4.15 */
		{ "loongarch64", 198, false, false, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		static const char *const kernels[] = { "4.2", "4.3", "5.1" };
		bool known[] = { rows[i].in_4_2, rows[i].in_4_3, rows[i].in_5_1 };
		const struct sys_abi *abi =
			sys_abi(rows[i].abi, strlen(rows[i].abi));
		uint32_t enosys = SECCOMP_RET_ERRNO | sys_errno(abi, "ENOSYS", 6);

		for (int k = 0; k < 3; k++) {
			struct subject s = { .options.abis = rows[i].abi };
			char text[100];

			snprintf(text, sizeof text, "default errno EPERM\nkernel %s",
			         kernels[k]);
			compile(&s, text);
			answers(&s, abi->arch, rows[i].nr, 0, 0, 0, 0,
			        known[k] ? EPERM_ : enosys);
			finish(&s);
		}
	}
}

/* What is in a word is what the kernel of the ABI reads of it. */
static void garbage_does_not_matter_on_other_abis_either(void **state)
{
	uint64_t junk = UINT64_C(0xdeadbeef) << 32;
	struct subject s = { 0 };

	compile(&s, "abi s390x, s390\ndefault allow\n"
	            "errno EPERM clone if flags & CLONE_NEWUSER\n"
	            "errno EPERM chmod if mode & S_ISUID\n"
	            "errno EPERM lseek if offset == 1\n"
	            "errno EPERM openat if dirfd == AT_FDCWD");
	for (int i = 0; i < 2; i++) {
		uint32_t arch = i ? AUDIT_ARCH_S390 : AUDIT_ARCH_S390X;

		answers(&s, arch, 120, 0x10000000, junk, 0, 0, ALLOW);
		answers(&s, arch, 120, 0, junk | 0x10000000, 0, 0, EPERM_);
		answers(&s, arch, 15, 0, junk | 0x7f0000 | 04755, 0, 0, EPERM_);
		answers(&s, arch, 15, 0, 0xf0755, 0, 0, ALLOW);
		answers(&s, arch, 19, 0, junk | 1, 0, 0, i ? EPERM_ : ALLOW);
		answers(&s, arch, 288, (uint32_t)AT_FDCWD, 0, 0, 0, EPERM_);
		answers(&s, arch, 288, junk | (uint32_t)AT_FDCWD, 0, 0, 0, EPERM_);
	}
	finish(&s);
	compile(&s, "abi arm, mips, m68k, aarch64\ndefault allow\n"
	            "on arm, mips, m68k "
	            "{ errno EPERM truncate64 if length > 0xffffffff }\n"
	            "on aarch64 { errno EPERM truncate if length > 0xffffffff }");
	answers(&s, AUDIT_ARCH_ARM, 193, 0, 1, junk, junk | 1, EPERM_);
	answers(&s, AUDIT_ARCH_ARM, 193, 0, 1, junk, junk, ALLOW);
	answers(&s, AUDIT_ARCH_ARM, 193, 0, 0, 0, 0x80000000, ALLOW); /* below zero */
	answers(&s, AUDIT_ARCH_MIPS, 4211, 0, 1, junk | 1, junk, EPERM_);
	answers(&s, AUDIT_ARCH_MIPS, 4211, 0, 1, junk, junk | 1, ALLOW);
	answers(&s, AUDIT_ARCH_M68K, 193, 0, junk | 1, junk, 0, EPERM_);
	answers(&s, AUDIT_ARCH_M68K, 193, 0, junk, junk | 1, 1, ALLOW);
	answers(&s, AUDIT_ARCH_AARCH64, 45, 0, UINT64_C(1) << 32, 0, 0, EPERM_);
	answers(&s, AUDIT_ARCH_AARCH64, 45, 0, 0xffffffff, 0, 0, ALLOW);
	finish(&s);
}

/* What opens to read may still empty the file; what is left out of `within` not. */
static void o_trunc_is_not_let_through(void **state)
{
	struct subject s = { 0 };

	compile(&s, "abi x86_64\ndefault errno EPERM\n"
	            "allow openat if flags within O_CLOEXEC | O_DIRECTORY");
	call(&s, NR(openat), 0, 0, K(O_RDONLY), 0, ALLOW);
	call(&s, NR(openat), 0, 0, K(O_RDONLY) | K(O_CLOEXEC), 0, ALLOW);
	call(&s, NR(openat), 0, 0, K(O_RDONLY) | K(O_TRUNC), 0, EPERM_);
	call(&s, NR(openat), 0, 0, K(O_WRONLY), 0, EPERM_);
	finish(&s);
}

static void abis_of_both_byte_orders_share_a_program(void **state)
{
	static const char *const abis[] = { "x86_64", "s390x", "mips", "mipsel",
		                            "ppc64", "arm" };
	struct subject s = { .options.abis = "x86_64,s390x,mips,mipsel,ppc64,arm" };
	struct sys_call c;

	compile(&s, "default allow\n"
	            "errno EPERM kill if pid == -1\n"
	            "errno EPERM write if u64(args[2]) == 0x100000002");
	for (size_t i = 0; i < ARRAY_LEN(abis); i++) {
		const struct sys_abi *abi = sys_abi(abis[i], strlen(abis[i]));

		assert_true(sys_call_by_name(abi, "kill", 4, &c));
		answers(&s, abi->arch, c.nr, 0xffffffff, 0, 0, 0, EPERM_);
		answers(&s, abi->arch, c.nr, UINT64_C(0xffffffff) << 32, 0, 0, 0,
		        ALLOW);
		assert_true(sys_call_by_name(abi, "write", 5, &c));
		answers(&s, abi->arch, c.nr, 0, 0, UINT64_C(0x100000002), 0,
		        abi->word == 64 ? EPERM_ : ALLOW);
		answers(&s, abi->arch, c.nr, 0, 0, UINT64_C(0x200000001), 0, ALLOW);
	}
	finish(&s);
}

static void i386_mmap_is_another_call(void **state)
{
	struct subject s = { 0 };

	refused("abi x86_64, i386\ndefault allow\nkill mmap if prot & PROT_EXEC",
	        "'mmap' has an argument 'prot' on x86_64, but not on i386");
	compile(&s,
	        "abi x86_64, i386\ndefault allow\n"
	        "on x86_64 { errno EPERM mmap if prot & PROT_EXEC }\n"
	        "on i386 { errno ENOSYS old_mmap; errno EPERM mmap2 if prot & PROT_EXEC }");
	answers(&s, X86_64, 9, 0, 0, 4, 0, EPERM_);
	answers(&s, I386, 90, 0, 0, 4, 0, ENOSYS_);
	answers(&s, I386, 192, 0, 0, 4, 0, EPERM_);
	finish(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_matching_rule_decides),
		cmocka_unit_test(other_abis_are_foreign),
		cmocka_unit_test(x32_numbers_are_not_x86_64_s),
		cmocka_unit_test(x32_can_be_named),
		cmocka_unit_test(what_the_kernel_lacks_is_enosys),
		cmocka_unit_test(garbage_above_an_int_does_not_matter),
		cmocka_unit_test(umode_t_has_16_bits),
		cmocka_unit_test(longs_are_compared_whole),
		cmocka_unit_test(ints_are_ordered_with_their_sign),
		cmocka_unit_test(extremes_of_a_type_are_no_special_case),
		cmocka_unit_test(casts_override_the_type),
		cmocka_unit_test(arguments_compare_with_arguments),
		cmocka_unit_test(masks_sets_and_complements),
		cmocka_unit_test(rules_about_one_operand_keep_their_order),
		cmocka_unit_test(words_of_a_32_bit_abi_have_32_bits),
		cmocka_unit_test(socketcall_follows_socket),
		cmocka_unit_test(multiplexers_are_read_on_every_abi_that_has_them),
		cmocka_unit_test(each_abi_has_first_kernels_of_its_own),
		cmocka_unit_test(garbage_does_not_matter_on_other_abis_either),
		cmocka_unit_test(o_trunc_is_not_let_through),
		cmocka_unit_test(abis_of_both_byte_orders_share_a_program),
		cmocka_unit_test(i386_mmap_is_another_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
