using System.Reflection;
using System.Runtime.InteropServices;

namespace Kernmantle.Victim.Liars;

/// <summary>
/// What a worker does whose code has been taken over and that attacks its host through the protocol. All draw from a seed; none answers,
/// most are ended by the call's timeout.
/// </summary>
public static unsafe partial class Lies
{
    private const int Channel = 3;
    private const int RemoveMemory = 9;   // MADV_REMOVE
    private const int PassDescriptors = 1;

    public static IReadOnlyList<string> All { get; } = [.. typeof(Lies).GetMethods(BindingFlags.Public | BindingFlags.Static).Where(static m => m.ReturnType == typeof(int)).Select(static m => m.Name)];

    /// <summary>Garbage in every shared page, from two threads at once, without end.</summary>
    public static int Scribble(int seed)
    {
        var pages = SharedPages.Find();
        new Thread(() => ScribbleOn(pages, new(seed))).Start();
        ScribbleOn(pages, new(-seed));
        return 0;
    }

    /// <summary>Garbage once, here and there.</summary>
    public static int Smudge(int seed)
    {
        var random = new Random(seed);
        foreach ((nint start, nint length, _) in SharedPages.Find().All)
        {
            for (int i = 0; i < 8; i++)
                random.NextBytes(new Span<byte>((byte*)start + (random.NextInt64(length / 64) * 64), random.Next(1, 64)));
        }
        return Silence(seed);
    }

    /// <summary>Ends of calls: of its own, of others', of none; of every kind, with every length.</summary>
    public static int Forge(int seed)
    {
        var random = new Random(seed);
        var pages = SharedPages.Find();
        while (pages.HasRings)
        {
            byte[] body = new byte[random.Next(0, 200)];
            random.NextBytes(body);
            uint length = random.Next(6) switch { 0 => (uint)random.NextInt64(), 1 => (uint)pages.RingBytes, 2 => 0, _ => (uint)body.Length };
            pages.Answer(random.Next(2), length, (byte)random.Next(30, 68), (byte)random.Next(4), Id(random), body, random.Next(4) == 0);
            Thread.Yield();
        }
        return Frames(seed);
    }

    /// <summary>Well-formed answers with a result, for every number that a call might have: those of the calls that other workers run are among them.</summary>
    public static int Impersonate(int seed)
    {
        var pages = SharedPages.Find();
        for (long id = seed % 3; pages.HasRings; id = (id + 1) % 5000)
        {
            pages.Answer(0, 4, (byte)(id % 2 == 0 ? 44 : 34), (byte)(id / 2 % 2 * 2), id, BitConverter.GetBytes(666), false);
            Thread.Yield();
        }
        return Frames(seed);
    }

    /// <summary>Frames on the socket, well-formed and not.</summary>
    public static int Frames(int seed)
    {
        var random = new Random(seed);
        byte[] frame = new byte[13 + 64];
        while (true)
        {
            random.NextBytes(frame);
            int body = random.Next(8) == 0 ? random.Next() : random.Next(64);
            BitConverter.TryWriteBytes(frame, body);
            frame[4] = (byte)random.Next(30, 68);
            BitConverter.TryWriteBytes(frame.AsSpan(5), Id(random));
            fixed (byte* start = frame)
            {
                if (Write(Channel, start, (nuint)(13 + Math.Min(body, 64))) < 0)
                    return seed;
            }
        }
    }

    /// <summary>Takes everybody's rings away from the pump.</summary>
    public static int Hide(int seed)
    {
        var pages = SharedPages.Find();
        while (pages.HasRings)
            pages.BellPage.Clear();
        return Silence(seed);
    }

    /// <summary>Rings for all, without end.</summary>
    public static int Clamour(int seed)
    {
        var pages = SharedPages.Find();
        while (pages.HasRings)
        {
            pages.BellPage[64..].Fill(1);
            pages.Ring();
        }
        return Silence(seed);
    }

    /// <summary>Says as much as it can, on all ways that there are.</summary>
    public static int Flood(int seed)
    {
        string line = new('x', 4000);
        byte[] raw = new byte[65_536];
        var error = Console.OpenStandardError();
        while (true)
        {
            Console.WriteLine(line);
            error.Write(raw);
        }
    }

    /// <summary>Asks for memory and keeps it.</summary>
    public static int Hoard(int seed)
    {
        List<object> held = [];
        for (int i = 0; i < 32; i++)
        {
            SharedBuffer<byte> buffer = SharedBuffer.Allocate<byte>(8 << 20);
            buffer.Span.Fill((byte)seed);
            held.Add(buffer);
        }
        new ManualResetEventSlim().Wait();
        return held.Count;
    }

    /// <summary>Gives the shared memory's pages back to the system under the host's eyes.</summary>
    public static int Punch(int seed)
    {
        var random = new Random(seed);
        foreach ((nint start, nint length, _) in SharedPages.Find().All)
        {
            if (random.Next(2) == 0)
                _ = Advise(start, (nuint)length, RemoveMemory);
        }
        return Silence(seed);
    }

    /// <summary>Closes whatever it has.</summary>
    public static int CloseAll(int seed)
    {
        for (int descriptor = seed % 8; descriptor < 64; descriptor++)
            _ = Close(descriptor);
        return Silence(seed);
    }

    /// <summary>Hands the host descriptors that it did not ask for.</summary>
    public static int Smuggle(int seed)
    {
        long* control = stackalloc long[10];   // cmsghdr: length, level and type, descriptors
        byte* text = stackalloc byte[1];
        while (true)
        {
            control[0] = 16 + (4 * 12);
            ((int*)control)[2] = 1;
            ((int*)control)[3] = PassDescriptors;
            for (int i = 0; i < 12; i++)
                ((int*)control)[4 + i] = 0;
            (nint Text, nuint Length) vector = ((nint)text, 1);
            var message = new Message { Vectors = &vector, Count = 1, Control = control, ControlLength = 16 + (4 * 12) };
            if (Send(Channel, &message, 0) < 0)
                return seed;
        }
    }

    /// <summary>About the clock of its call: never started, started twice, in the future, stopped while it runs, stopped without having started.</summary>
    public static int Clock(int seed)
    {
        var pages = SharedPages.Find();
        for (long id = 0; !pages.HasRings && id < 5000; id++)
        {
            byte[] frame = new byte[13 + 8];
            BitConverter.TryWriteBytes(frame, seed % 2 == 0 ? 8 : 0);
            frame[4] = (byte)(seed % 2 == 0 ? 50 : 51);
            BitConverter.TryWriteBytes(frame.AsSpan(5), id);
            fixed (byte* start = frame)
                _ = Write(Channel, start, (nuint)(seed % 2 == 0 ? 21 : 13));
        }
        while (pages.HasRings)
        {
            long now = System.Diagnostics.Stopwatch.GetTimestamp();
            switch ((uint)seed % 5)
            {
                case 0:
                    pages.QuickStarted = 0;
                    return Silence(seed);
                case 1:
                    pages.QuickStartedAt = now;
                    break;
                case 2:
                    pages.QuickStartedAt = now + (1000L * System.Diagnostics.Stopwatch.Frequency);
                    break;
                case 3:
                    pages.QuickStopped = pages.QuickStarted;
                    return Silence(seed);
                default:
                    (pages.QuickStarted, pages.QuickStopped) = (0, pages.QuickStarted);
                    return Silence(seed);
            }
            Thread.Yield();
        }
        return Silence(seed);
    }

    public static int Silence(int seed)
    {
        new ManualResetEventSlim().Wait();
        return seed;
    }

    private static void ScribbleOn(SharedPages pages, Random random)
    {
        while (true)
        {
            foreach ((nint start, nint length, _) in pages.All)
            {
                int count = (int)Math.Min(length, random.Next(1, 4096));
                random.NextBytes(new Span<byte>((byte*)start + random.NextInt64(length - count + 1), count));
            }
        }
    }

    private static long Id(Random random) => random.Next(5) switch
    {
        0 => random.NextInt64(long.MinValue, long.MaxValue),
        1 => 0,
        2 => -random.Next(100),
        _ => random.Next(2000),
    };

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int descriptor, byte* bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint start, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "sendmsg")]
    private static partial nint Send(int socket, Message* message, int flags);

    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public void* Name;
        public uint NameLength;
        public void* Vectors;
        public nuint Count;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
