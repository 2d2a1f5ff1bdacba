namespace Kernmantle.Tests.Pools;

/// <summary>A call that is given up before its function runs finds its token cancelled, and its worker is not killed for it.</summary>
public sealed class EarlyCancelTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-early").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <param name="isBehind">It is behind another one, whose cancellation has the worker's reader thread take it from the ring (if it is not taken back before, because that one lasts).</param>
    [Theory]
    [Repeated]
    [InlineData(false)]
    [InlineData(true)]
    public async Task While_its_arguments_are_decoded(bool isBehind)
    {
        await using WorkerPool pool = WorkerPool.Processes(1, new() { Transport = WorkerTransport.SharedMemory, KillGrace = TimeSpan.FromSeconds(20) });
        int worker = await pool.RunAsync(static () => Environment.ProcessId).WaitAsync(Deadline);
        Func<Made, int> function = static made => made.Waits ? Obey(made) : 1;
        for (int i = 0; i < 500; i++)   // known to be short, one may be given to the worker behind another one
            await pool.RunAsync(function, new Made("", false, false, Environment.ProcessId)).WaitAsync(Deadline);
        using CancellationTokenSource stopBefore = new(), stop = new();
        Task<int>? before = isBehind ? pool.RunAsync(function, new Made(folder, false, true, Environment.ProcessId), stopBefore.Token) : null;
        Task<int> call = pool.RunAsync(function, new Made(folder, true, true, Environment.ProcessId), stop.Token);
        if (before is not null)
            Assert.True(SpinWait.SpinUntil(() => File.Exists(Path.Combine(folder, "runs")), Deadline));
        await stopBefore.CancelAsync();
        if (before is not null)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => before.WaitAsync(Deadline));
        await Contracts.Waiting.Until(() => File.Exists(Path.Combine(folder, "decoding")), "the arguments are decoded", Deadline);
        await stop.CancelAsync();
        await File.WriteAllTextAsync(Path.Combine(folder, "cancelled"), "", TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Deadline));
        Assert.Equal(worker, await pool.RunAsync(static () => Environment.ProcessId).WaitAsync(Deadline));
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    private static int Obey(Made made)
    {
        if (!made.IsSlow)
            File.WriteAllText(Path.Combine(made.Folder, "runs"), "");
        WorkerContext.Current!.StoppingToken.WaitHandle.WaitOne();
        WorkerContext.Current!.StoppingToken.ThrowIfCancellationRequested();
        return 0;
    }

    /// <summary>If it is slow, its constructor lasts in a worker until its call has been cancelled there.</summary>
    public sealed class Made
    {
        public Made(string folder, bool isSlow, bool waits, int host)
        {
            (Folder, IsSlow, Waits, Host) = (folder, isSlow, waits, host);
            if (Environment.ProcessId == host || !isSlow)
                return;
            File.WriteAllText(Path.Combine(folder, "decoding"), "");
            while (!File.Exists(Path.Combine(folder, "cancelled")))
                Thread.Yield();
            using SharedBuffer<int> asked = SharedBuffer.Allocate<int>(1);   // the thread that hears of cancellations gets it, after all that was said before
        }

        public string Folder { get; }

        public bool IsSlow { get; }

        public bool Waits { get; }

        public int Host { get; }
    }
}
