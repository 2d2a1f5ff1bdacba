using Kernmantle.Tests.Hosting;

namespace Kernmantle.Tests.Transport.SharedMemory;

/// <summary>A container's profile may refuse what shared memory needs: a real one does, for a real program.</summary>
public sealed class SeccompTests : IDisposable
{
    /// <summary>Refuses one system call (its number and the error are arguments) to itself, then becomes another program.</summary>
    private const string Source =
        """
        #include <errno.h>
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <stddef.h>
        #include <stdlib.h>
        #include <sys/prctl.h>
        #include <unistd.h>
        int main(int count, char** arguments) {
            struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, atoi(arguments[1]), 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | atoi(arguments[2])),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
            struct sock_fprog program = { 4, code };
            if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) return 77;
            execv(arguments[3], arguments + 3);
            return 78;
        }
        """;

    private const int Unsupported = 77, MemoryFile = 319, NotPermitted = 1, NoSuchCall = 38;

    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-seccomp-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(NotPermitted)]
    [InlineData(NoSuchCall)]
    public async Task Without_memory_files_sockets_are_used(int error)
    {
        (int exit, string text) = await RefusedAsync(MemoryFile, error, "automatic");
        Assert.True(exit == 0 && text.Contains("PROBE from worker True", StringComparison.Ordinal), text);
    }

    [Fact]
    public async Task Without_memory_files_asking_for_them_is_refused_with_the_reason()
    {
        (int exit, string text) = await RefusedAsync(MemoryFile, NotPermitted, "shared-memory");
        Assert.True(exit == 3, text);
        Assert.Contains("PlatformNotSupportedException", text, StringComparison.Ordinal);
        Assert.Contains("memfd_create", text, StringComparison.Ordinal);
    }

    private async Task<(int ExitCode, string Output)> RefusedAsync(int call, int error, string transport)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/gcc") && System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64, "a C compiler on x86-64 is needed");
        string source = Path.Combine(folder, $"refuse-{error}-{transport}.c"), program = source[..^2];
        await File.WriteAllTextAsync(source, Source);
        (int compiled, string messages) = await Programs.RunAsync("/usr/bin/gcc", ["-o", program, source]);
        Assert.SkipWhen(compiled != 0, messages);   // no headers
        (int ExitCode, string Output) result = await Programs.RunAsync(program, [$"{call}", $"{error}", Programs.Of("Probe")], folder, new Dictionary<string, string> { ["KERNMANTLE_TRANSPORT"] = transport });
        Assert.SkipWhen(result.ExitCode == Unsupported, "this system lets nobody install a filter");
        return result;
    }
}
