using System.Diagnostics;

namespace Kernmantle.Benchmarks.Measures;

/// <summary>What the workers run: nothing, so that the way there and back is measured; or work that only needs a processor.</summary>
internal static class Functions
{
    public static void Nothing()
    {
    }

    public static int Increment(int number) => number + 1;

    public static int CountVowels(string text) => text.AsSpan().Count('a') + text.AsSpan().Count('e');

    public static async Task YieldAsync() => await Task.Yield();

    public static async IAsyncEnumerable<int> CountAsync(int count)
    {
        for (int number = 0; number < count; number++)
            yield return number;
        await Task.CompletedTask;
    }

    public static byte[] EchoBytes(byte[] bytes) => bytes;

    public static double[] EchoNumbers(double[] numbers) => numbers;

    public static int LengthOf(ReadOnlyMemory<byte> bytes) => bytes.Length;

    public static async IAsyncEnumerable<byte[]> BlocksAsync(int count)
    {
        byte[] block = new byte[64 << 10];
        for (int i = 0; i < count; i++)
            yield return block;
        await Task.CompletedTask;
    }

    public static async IAsyncEnumerable<double[]> NumbersAsync(int count)
    {
        double[] block = new double[20_000];
        for (int i = 0; i < count; i++)
            yield return block;
        await Task.CompletedTask;
    }

    public static Order EchoOrder(Order order) => order;

    public static string Double(string text) => text + text;

    public static int ProcessId() => Environment.ProcessId;

    public static int WaitAndTellId(int milliseconds)
    {
        Thread.Sleep(milliseconds);
        return Environment.ProcessId;
    }

    /// <summary>On the clock that all processes of the machine have in common.</summary>
    public static long Now() => Stopwatch.GetTimestamp();

    public static void WaitForFile(string path)
    {
        while (!File.Exists(path))
            Thread.Sleep(1);
    }

    public static void TellAndWait(string path)
    {
        File.WriteAllText(path, "");
        new ManualResetEventSlim().Wait();
    }

    public static void Die() => Process.GetCurrentProcess().Kill();

    /// <summary>Some milliseconds of one processor, without memory.</summary>
    public static int Burn()
    {
        int primes = 0;
        for (int n = 2; n < 60_000; n++)
        {
            bool prime = true;
            for (int d = 2; d * d <= n && prime; d++)
                prime = n % d != 0;
            primes += prime ? 1 : 0;
        }
        return primes;
    }

    /// <summary>A figure of a call that did not do its work is worth nothing.</summary>
    public static void Check(int actual, int expected)
    {
        if (actual != expected)
            throw new InvalidOperationException($"A call returned {actual} in place of {expected}.");
    }
}
