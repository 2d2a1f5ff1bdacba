// An object that lives in a worker: its state is lost with the worker, every later call says why, and Recreate makes it anew.
using Kernmantle;

await using WorkerPool pool = WorkerPool.Processes(2, new() { RestartLimit = int.MaxValue });
int wrong = 0;
await using (Remote<Counter> counter = await pool.CreateAsync(static start => new Counter(start), 40))
{
    int last = 0;
    for (int i = 0; i < 2; i++)
        last = await counter.CallAsync(static c => c.Next());
    wrong += last == 42 ? 0 : 1;
    wrong += await FailsAsync<WorkerCrashedException>(() => counter.CallAsync(static c => c.Die())) is null ? 1 : 0;
    for (int i = 0; i < 2; i++)
    {
        StateLostException? lost = await FailsAsync<StateLostException>(() => counter.CallAsync(static c => c.Next()));
        Console.WriteLine($"{lost?.Message} Because: {lost?.InnerException?.Message.Split('\n')[0]}");
        wrong += lost?.InnerException is WorkerCrashedException { ExitCode: 5 } ? 0 : 1;
    }
}
await using (Remote<Counter> counter = await pool.CreateAsync(static start => new Counter(start), 0, new RemoteOptions { Recreate = true }))
{
    await FailsAsync<WorkerCrashedException>(() => counter.CallAsync(static c => c.Die()));
    wrong += await counter.CallAsync(static c => c.Next()) == 1 ? 0 : 1;
}
Console.WriteLine(wrong == 0 ? "as it should be" : $"{wrong} wrong");
return wrong;

static async Task<T?> FailsAsync<T>(Func<Task<int>> call)
    where T : Exception
{
    try
    {
        await call();
        return null;
    }
    catch (T failure)
    {
        return failure;
    }
}

internal sealed class Counter(int start)
{
    private int value = start;

    public int Next() => ++value;

    public int Die()
    {
        Environment.Exit(5);
        return value;
    }
}
