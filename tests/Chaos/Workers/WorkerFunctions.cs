using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kernmantle.Chaos.Workers;

/// <summary>What a function of the soak throws.</summary>
public sealed class PlannedException(string message) : Exception(message);

/// <summary>The functions that run in workers. Each first says that it has begun.</summary>
internal static class WorkerFunctions
{
    public const int ExitCode = 7;

    public static string MessageOf(long id) => $"call {id} throws, as planned";

    public static long Tiny(long id)
    {
        BegunLog.Begin(id);
        return Mixing.Answer(id);
    }

    public static long Sleep(long id, int milliseconds)
    {
        BegunLog.Begin(id);
        Thread.Sleep(milliseconds);
        return Mixing.Answer(id);
    }

    public static long Take(long id, byte[] bytes)
    {
        BegunLog.Begin(id);
        return Mixing.Checksum(bytes);
    }

    public static byte[] Give(long id, int length)
    {
        BegunLog.Begin(id);
        return Mixing.Bytes(id, length);
    }

    public static long Read(SharedBuffer<byte> buffer, long id)
    {
        BegunLog.Begin(id);
        long sum = Mixing.Checksum(buffer.Span);
        Mixing.Fill(buffer.Span, ~id);   // seen by the host
        return sum;
    }

    public static async Task<long> WaitAndAnswer(long id, int milliseconds)
    {
        BegunLog.Begin(id);
        await Task.Yield();
        await Task.Delay(milliseconds).ConfigureAwait(false);
        return Mixing.Answer(id);
    }

    public static async IAsyncEnumerable<long> Count(long id, int items, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        BegunLog.Begin(id);
        for (int i = 0; i < items; i++)
        {
            if (i % 64 == 0)
                await Task.Delay(1, cancellationToken).ConfigureAwait(false);
            yield return Mixing.Item(id, i);
        }
    }

    public static long Throw(long id)
    {
        BegunLog.Begin(id);
        throw new PlannedException(MessageOf(id));
    }

    public static long ThrowFirst(long id)
    {
        BegunLog.Begin(id);
        return WorkerContext.Current!.Attempt > 1 ? Mixing.Answer(id) : throw new PlannedException(MessageOf(id));
    }

    public static long Exit(long id)
    {
        BegunLog.Begin(id);
        Environment.Exit(ExitCode);
        return 0;
    }

    public static long ExitFirst(long id)
    {
        BegunLog.Begin(id);
        if (WorkerContext.Current!.Attempt == 1)
            Environment.Exit(ExitCode);
        return Mixing.Answer(id);
    }

    public static long Abort(long id)
    {
        BegunLog.Begin(id);
        Environment.FailFast($"call {id} aborts, as planned");
        return 0;
    }

    public static long Hang(long id)
    {
        BegunLog.Begin(id);
        Thread.Sleep(Timeout.Infinite);
        return 0;
    }

    /// <summary>Ends when it is asked to.</summary>
    public static long HangPolitely(long id, CancellationToken cancellationToken)
    {
        BegunLog.Begin(id);
        cancellationToken.WaitHandle.WaitOne();
        cancellationToken.ThrowIfCancellationRequested();
        return 0;
    }

    public static long UseProcessor(long id)
    {
        BegunLog.Begin(id);
        while (true)
            Thread.SpinWait(100);
    }

    public static long Write(long id, int lines)
    {
        BegunLog.Begin(id);
        for (int i = 0; i < lines; i++)
            Console.WriteLine(LineOf(id, i));
        return Mixing.Answer(id);
    }

    public static int LengthOfWriting(long id, int lines) => Enumerable.Range(0, lines).Sum(i => LineOf(id, i).Length + 1);

    private static string LineOf(long id, int line) => $"call {id}, line {line}";

    public static long Allocate(long id, int megabytes)
    {
        BegunLog.Begin(id);
        List<byte[]> kept = [];
        for (int i = 0; i < megabytes; i++)
            kept.Add(GC.AllocateArray<byte>(1 << 20, pinned: false));
        long sum = kept.Sum(static block => block[^1]);
        return sum + Mixing.Answer(id);
    }

    public static unsafe long AllocateNative(long id, int megabytes)
    {
        BegunLog.Begin(id);
        List<nint> kept = [];
        for (int i = 0; i < megabytes; i++)
        {
            void* block = NativeMemory.Alloc(1 << 20);
            new Span<byte>(block, 1 << 20).Fill(1);
            kept.Add((nint)block);
        }
        foreach (nint block in kept)
            NativeMemory.Free((void*)block);
        return Mixing.Answer(id);
    }
}

/// <summary>An object that lives in a worker and counts its calls.</summary>
internal sealed class Counter
{
    private long count;

    public Counter(long id) => BegunLog.Begin(id);

    public long Next(long id)
    {
        BegunLog.Begin(id);
        return Mixing.Answer(id) + ++count;
    }
}
