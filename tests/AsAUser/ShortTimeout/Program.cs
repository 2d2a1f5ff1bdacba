// A timeout that is shorter than what a new worker takes to prepare its first record: it counts the function alone.
using Kernmantle;

int succeeded = 0;
foreach (int spares in new[] { 0, 2 })
{
    await using WorkerPool pool = WorkerPool.Processes(1, new() { Timeout = TimeSpan.FromMilliseconds(200), Spares = spares });
    await pool.StartAsync();
    for (int i = 0; i < 10; i++)
    {
        try
        {
            succeeded += (await pool.RunAsync(static () => new R(1, "a"))).N;
        }
        catch (CallTimeoutException late)
        {
            Console.WriteLine(late.Message);
        }
    }
}
Console.WriteLine($"{succeeded} of 20");
return succeeded == 20 ? 0 : 1;

internal sealed record R(int N, string Text);
