namespace Kernmantle.Tests.Pools;

/// <summary>A call that is given up before its function runs finds its token cancelled, and its worker is not killed for it.</summary>
public sealed class EarlyCancelTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-early").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    [Repeated]
    public async Task While_its_arguments_are_decoded()
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory, KillGrace = TimeSpan.FromSeconds(20) });
        int worker = await pool.RunAsync(static () => Environment.ProcessId).WaitAsync(Deadline);
        using var stop = new CancellationTokenSource();
        Task<int> call = pool.RunAsync(static made => Obey(made.Folder.Length), new MadeSlowly(folder, Environment.ProcessId), stop.Token);
        await Contracts.Waiting.Until(() => File.Exists(Path.Combine(folder, "decoding")), "the arguments are decoded", Deadline);
        await stop.CancelAsync();
        await File.WriteAllTextAsync(Path.Combine(folder, "cancelled"), "", TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Deadline));
        Assert.Equal(worker, await pool.RunAsync(static () => Environment.ProcessId).WaitAsync(Deadline));
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    private static int Obey(int n)
    {
        WorkerContext.Current!.StoppingToken.WaitHandle.WaitOne();
        WorkerContext.Current!.StoppingToken.ThrowIfCancellationRequested();
        return n;
    }

    /// <summary>In a worker its constructor lasts until its call has been cancelled there.</summary>
    public sealed class MadeSlowly
    {
        public MadeSlowly(string folder, int host)
        {
            (Folder, Host) = (folder, host);
            if (Environment.ProcessId == host)
                return;
            File.WriteAllText(Path.Combine(folder, "decoding"), "");
            while (!File.Exists(Path.Combine(folder, "cancelled")))
                Thread.Yield();
            using SharedBuffer<int> asked = SharedBuffer.Allocate<int>(1);   // the thread that hears of cancellations gets it, after all that was said before
        }

        public string Folder { get; }

        public int Host { get; }
    }
}
