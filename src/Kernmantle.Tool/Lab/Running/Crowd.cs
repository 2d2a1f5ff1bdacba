namespace Kernmantle.Tool.Lab.Running;

/// <summary>Several threads that begin together.</summary>
internal static class Crowd
{
    /// <returns>The seconds from the common begin to the last end.</returns>
    /// <exception cref="AggregateException">Some of them failed.</exception>
    public static double Run(int threads, Action<int> work)
    {
        using Barrier barrier = new(threads + 1);
        List<Exception> failures = [];
        Thread[] crowd = [.. Enumerable.Range(0, threads).Select(index => new Thread(() =>
        {
            barrier.SignalAndWait();
            try
            {
                work(index);
            }
            catch (Exception e)
            {
                lock (failures)
                    failures.Add(e);
            }
        }) { IsBackground = true })];
        foreach (Thread thread in crowd)
            thread.Start();
        double seconds = Turns.Time(() =>
        {
            barrier.SignalAndWait();
            foreach (Thread thread in crowd)
                thread.Join();
        });
        return failures.Count == 0 ? seconds : throw new AggregateException(failures);
    }
}
