using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kernmantle.Tool.Lab.Linux;

namespace Kernmantle.Tool.Lab.Failure;

/// <summary>What no program should do, and some do.</summary>
internal enum Misdeed
{
    StackOverflow,
    NativeCrash,
    EndlessLoop,
}

/// <summary>Does it. Only ever in a process that may die.</summary>
internal static class Misdeeds
{
    private const int FrameBytes = 16 << 10;

    public static string Text(this Misdeed misdeed) => misdeed switch
    {
        Misdeed.StackOverflow => "stack overflow",
        Misdeed.NativeCrash => "native crash",
        _ => "endless loop",
    };

    public static void Do(Misdeed misdeed)
    {
        LibC.LeaveNoDump();
        switch (misdeed)
        {
            case Misdeed.StackOverflow:
                Overflow(0);
                break;
            case Misdeed.NativeCrash:
                Marshal.WriteInt32(0x20_0000, 1);   // nothing of this program is at that address
                break;
            case Misdeed.EndlessLoop:
                for (ulong i = 0; ; i++)
                    Volatile.Write(ref dummy, i);
        }
    }

    private static ulong dummy;

    /// <summary>Large frames: the runtime writes down each of them when the stack is full.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Overflow(int depth)
    {
        Span<byte> frame = stackalloc byte[FrameBytes];
        frame[depth % FrameBytes] = 1;
        return Overflow(depth + 1) + frame[0];
    }
}
