using System.Globalization;
using System.Runtime.InteropServices;
using Kernmantle.Tests.Hosting;

namespace Kernmantle.Tests.Transport;

/// <summary>Every worker has its own memory and its own descriptors, and nobody else's; another user of the machine can open none of it.</summary>
public sealed partial class IsolationTests
{
    private const int ReadOnly = 0;

    [Fact]
    public async Task A_worker_maps_its_own_memory_and_the_pools_bell()
    {
        await using WorkerPool pool = WorkerPool.Processes(3, new() { Transport = WorkerTransport.SharedMemory });
        int[] workers = await WorkersAsync(pool);
        ILookup<string, string>[] maps = [.. workers.Select(MemoryOf)];
        Assert.All(maps, static map => Assert.Equal(["kernmantle-bell", "kernmantle-rings"], map.Select(static m => m.Key).Order(StringComparer.Ordinal)));
        Assert.Equal(3, maps.SelectMany(static map => map["kernmantle-rings"]).Distinct().Count());
        Assert.Single(maps.SelectMany(static map => map["kernmantle-bell"]).Distinct());
    }

    [Fact]
    public async Task Large_arguments_and_shared_buffers_are_mapped_by_the_worker_that_is_given_them()
    {
        await using WorkerPool pool = WorkerPool.Processes(2, new() { Transport = WorkerTransport.SharedMemory });
        int[] workers = await WorkersAsync(pool);
        using SharedBuffer<int> buffer = SharedBuffer.Allocate<int>(100_000);
        int given = await pool.RunAsync(static (SharedBuffer<int> numbers, byte[] large) => numbers.Length + large.Length > 0 ? Environment.ProcessId : 0, buffer, new byte[1 << 20]);
        Assert.Contains(given, workers);
        Assert.Contains(MemoryOf(given), static m => m.Key == "kernmantle-buffer");
        Assert.Contains(MemoryOf(given), static m => m.Key == "kernmantle-segment");
        foreach (int other in workers.Where(w => w != given))
        {
            HashSet<string> known = [.. MemoryOf(given).Where(static m => m.Key is "kernmantle-buffer" or "kernmantle-segment").SelectMany(static m => m)];
            Assert.DoesNotContain(MemoryOf(other).SelectMany(static m => m), known.Contains);
        }
    }

    [Theory]
    [InlineData(WorkerTransport.SharedMemory)]
    [InlineData(WorkerTransport.Socket)]
    public async Task A_worker_inherits_its_own_descriptors_and_no_others(WorkerTransport transport)
    {
        string secret = Path.GetTempFileName();
        // As native code opens files: to be inherited by whoever is started.
        int[] open = [.. Enumerable.Range(0, 40).Select(_ => Open(secret, ReadOnly))];
        try
        {
            await using WorkerPool pool = WorkerPool.Processes(3, new() { Transport = transport });
            int[] workers = await WorkersAsync(pool);
            string[][] links = [.. workers.Select(LinksOf)];
            Assert.All(links, all => Assert.DoesNotContain(secret, all));
            Assert.All(links, static all => Assert.DoesNotContain(all, static link => link.Contains("memfd:kernmantle", StringComparison.Ordinal)));   // mapped, and closed
            string[] channels = [.. links.SelectMany(static all => all.Where(static link => link.StartsWith("socket:", StringComparison.Ordinal) || link.StartsWith("pipe:", StringComparison.Ordinal)).Distinct())];
            Assert.True(channels.Length >= 3 * 4, string.Join(", ", channels));   // channel, life, output, error
            Assert.Equal(channels.Length, channels.Distinct().Count());
        }
        finally
        {
            foreach (int descriptor in open)
                _ = Close(descriptor);
            File.Delete(secret);
        }
    }

    [Fact]
    public async Task Another_user_can_open_none_of_it()
    {
        if (Environment.UserName != "root")
            Assert.Skip("Only root can become another user.");
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory });
        int worker = (await WorkersAsync(pool))[0];
        foreach (int process in (int[])[worker, Environment.ProcessId])
        {
            string text = await AsNobodyAsync($"cat /proc/{process}/maps; ls /proc/{process}/fd; cat /proc/{process}/environ; head -c 1 /proc/{process}/mem; kill -STOP {process}; for f in /tmp/dotnet-diagnostic-{process}-*; do cat \"$f\"; done");
            Assert.DoesNotContain("memfd", text, StringComparison.Ordinal);
            Assert.True(Count(text, "denied") + Count(text, "not permitted") + Count(text, "No such device") >= 5, text);
        }
        // Sockets are opened by connecting.
        string connected = await AsNobodyAsync($"python3 -c \"import glob, socket; [socket.socket(socket.AF_UNIX).connect(f) for f in glob.glob('/tmp/dotnet-diagnostic-{worker}-*-socket')]\"");
        Assert.Contains("Permission denied", connected, StringComparison.Ordinal);
        Assert.Equal(7, await pool.RunAsync(static () => 7));
    }

    private static async Task<string> AsNobodyAsync(string command) =>
        (await Programs.RunAsync("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", "sh", "-c", command])).Output;

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    /// <summary>All of them, by giving each something to do at once.</summary>
    private static async Task<int[]> WorkersAsync(WorkerPool pool)
    {
        HashSet<int> workers = [];
        while (workers.Count < pool.WorkerCount)
            workers.UnionWith(await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => pool.RunAsync(static () => Environment.ProcessId))));
        return [.. workers];
    }

    /// <summary>Names of the mapped memory that has none in the file system, each with its numbers.</summary>
    private static ILookup<string, string> MemoryOf(int process) => File.ReadAllLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/maps"))
        .Select(static line => line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries))
        .Where(static parts => parts is [_, _, _, _, _, var path] && path.StartsWith("/memfd:kernmantle", StringComparison.Ordinal))
        .ToLookup(static parts => parts[5]["/memfd:".Length..].Split(' ')[0], static parts => parts[4]);

    private static string[] LinksOf(int process) => [.. Directory.GetFiles(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fd")).Select(static file => new FileInfo(file).LinkTarget).OfType<string>()];

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
