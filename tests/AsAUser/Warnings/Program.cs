// Compiles, and is full of mistakes: each line that ends with the number of a rule is found by it, and no other one is.
using Kernmantle;

await using WorkerPool pool = WorkerPool.Processes(1);
await using WorkerPool threads = WorkerPool.Threads(1, new() { Timeout = TimeSpan.FromSeconds(1) });
await using WorkerPool loop = WorkerPool.EventLoop();
Stream stream = Stream.Null;
Func<int> one = static () => 1;
int count = 0;

await pool.RunAsync(() => stream.ReadByte());                                          // KM0009
await pool.RunAsync(stream.ReadByte);                                                  // KM0010
await pool.RunAsync(static o => o.GetHashCode(), new object());                        // KM0011
await pool.RunAsync(static () => Stream.Null);                                         // KM0012
await pool.RunAsync(static address => address > 0, (nint)1);                           // KM0013
await pool.RunAsync(one + one);                                                        // KM0014
await pool.RunAsync(static s => s.Count, new HashSet<string>(StringComparer.OrdinalIgnoreCase));   // KM0015
await pool.RunAsync(() => { count = 1; });                                             // KM0016
await pool.RunAsync(static () => { State.Count++; });
await pool.RunAsync((Action)(static async () => await Task.Yield()));                  // KM0018
await loop.RunAsync(static async () => await Task.Delay(1).ConfigureAwait(false));     // KM0021
Console.WriteLine(pool.RunAsync(static () => 1).Result);                               // KM0023
pool.MapAsync(static n => n, [1]);                                                     // KM0024
await threads.RunAsync(static () => 1);                                                // KM0025
await WorkerPool.Processes(1).RunAsync(static () => 1);                                // KM0026
WorkerPool forgotten = WorkerPool.Processes(1);                                        // KM0027
Remote<string> remote = await forgotten.CreateAsync(static () => "");
await remote.DisposeAsync();
await remote.CallAsync(static s => s.Length);                                          // KM0028
await State.RunAsync(pool, CancellationToken.None);

// What is right is left alone.
Console.WriteLine(await pool.RunAsync(static n => n + 1, 41) + pool.Run(static () => 1) + count);

internal static class State
{
    public static int Count;

    public static async Task RunAsync(WorkerPool pool, CancellationToken token)
    {
        await pool.RunAsync(static () => 1);                                           // KM0022
        await WorkerPool.Processes(1).RunAsync(static () => { Count = 1; }, token);    // KM0017, KM0026
        Console.WriteLine(Count);
    }
}
