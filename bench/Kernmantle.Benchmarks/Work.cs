namespace Kernmantle.Benchmarks;

/// <summary>The work of every measure: nothing, so that what is measured is the way there and back.</summary>
internal static class Work
{
    public static int Increment(int number) => number + 1;

    public static void OnPlainThread()
    {
        int result = 0;
        var thread = new Thread(() => result = Increment(41));
        thread.Start();
        thread.Join();
        Check(result, 42);
    }

    /// <summary>A figure of a call that did not do its work is worth nothing.</summary>
    public static void Check(int actual, int expected)
    {
        if (actual != expected)
            throw new InvalidOperationException($"A call returned {actual} in place of {expected}.");
    }
}
