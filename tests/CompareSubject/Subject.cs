using System.Diagnostics;

namespace CompareSubject;

/// <summary>A value of this program: its results and inputs are types that the tool does not know.</summary>
internal sealed record Order(string Name, int Count);

/// <summary>Methods as users have them, good and bad, for the tests of <c>kern compare</c> and <c>kern run</c>.</summary>
internal static class Subject
{
    private static int calls;

    /// <summary>Computes for some milliseconds.</summary>
    public static ulong Compute(long seed)
    {
        ulong x = (ulong)seed | 1;
        for (int i = 0; i < 3_000_000; i++)
        {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
        }
        return x;
    }

    public static int Constant() => 42;

    public static async Task<string> WaitAsync(string name)
    {
        await Task.Delay(20);
        return name.ToUpperInvariant();
    }

    public static async ValueTask WaitOnceAsync() => await Task.Delay(1);

    public static int Print(string line)
    {
        Console.WriteLine($"printed {line}");
        Console.Error.WriteLine($"complained {line}");
        return line.Length;
    }

    public static int Overflow(int depth) => Overflow(depth + 1) + depth;

    public static int OverflowAtThree(int number) => number == 3 ? Overflow(number) : number;

    /// <summary>Ends as the system ends who has used up its processor time (ulimit -t).</summary>
    public static int UseUpAtThree(int number)
    {
        if (number == 3)
            Process.Start("sh", ["-c", "kill -s XCPU $PPID"]).WaitForExit();
        return number;
    }

    /// <summary>Tidies up more than its own.</summary>
    public static void RemoveTheGate()
    {
        foreach (string gate in Directory.EnumerateFiles(Path.GetTempPath(), "gate", SearchOption.AllDirectories))
            File.Delete(gate);
    }

    public static void NeverEnds()
    {
        while (true)
            Thread.SpinWait(1000);
    }

    public static int Throw(string line) => throw new InvalidOperationException($"no {line}");

    public static int ThrowAtThree(int number) => number == 3 ? throw new InvalidOperationException("three") : number;

    /// <summary>An unordered result: its enumeration order depends on the process, since hash codes of strings do.</summary>
    private static Dictionary<string, int> Count(string line)
    {
        Print(line);
        return new HashSet<string>(line.Split(' ')).ToDictionary(static word => word, word => line.Split(' ').Count(other => other == word));
    }

    /// <summary>A result that cannot cross to another process.</summary>
    public static Stream Open(string line) => new MemoryStream(new byte[line.Length]);

    /// <summary>Each call gives another result.</summary>
    public static int Number()
    {
        Print("once");
        return Interlocked.Increment(ref calls);
    }

    /// <summary>What it gives depends on where it runs.</summary>
    public static string Whereabouts(string line) => $"{line} in {Environment.ProcessId}";

    public static Order Double(Order order) => order with { Count = order.Count * 2 };

    public static async Task<Order> DoubleAsync(Order order)
    {
        await Task.Delay(20);
        return Double(order);
    }

    public static long Size(FileInfo file) => file.Length;

    public static int Overloaded(int number) => number;

    public static string Overloaded(string text) => text;

    public static int Numbers(int number) => number;

    public static long Numbers(long number) => number;

    public static int Add(int a, int b) => a + b;

    public static T Generic<T>(T value) => value;

    public static int Span(ReadOnlySpan<char> text) => text.Length;

    public static byte[] Allocate(int megabytes)
    {
        List<byte[]> all = [];
        for (int i = 0; i < megabytes; i++)
            all.Add(new byte[1 << 20]);
        return all[^1];
    }

    private static int Hidden(int number) => number + 1;

    public static async IAsyncEnumerable<int> CountAsync(int number)
    {
        for (int i = 0; i < number; i++)
        {
            await Task.Yield();
            yield return i * 100;
        }
    }
}

internal sealed class Instance
{
    private readonly int added = 1;

    public int Method(int number) => number + added;
}
