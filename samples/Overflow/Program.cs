using Kernmantle;

await using WorkerPool pool = WorkerPool.Processes(2);
try
{
    await pool.RunAsync(static () => Depth(1));
}
catch (WorkerCrashedException crash)
{
    Console.WriteLine(crash.Message);
}
Console.WriteLine($"Still here: {await pool.RunAsync(static n => n + 1, 41)}");

static int Depth(int n) => 1 + Depth(n + 1);   // never returns: the stack overflows
