using System.Runtime.CompilerServices;
using Kernmantle.Tool.Lab.Running;

namespace Kernmantle.Tool.Lab.Single;

/// <summary>One thread's work in pieces, each under a lock that nobody else wants, and the same without.</summary>
internal static class LockedWork
{
    /// <summary>About a microsecond.</summary>
    private const int PieceSteps = 500;

    private static readonly Lock Gate = new();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TakeAndRelease(int times)
    {
        for (int i = 0; i < times; i++)
        {
            Gate.Enter();
            Gate.Exit();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Plain(long steps)
    {
        for (long done = 0; done < steps; done += PieceSteps)
            Load.Compute(PieceSteps);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void UnderLock(long steps)
    {
        for (long done = 0; done < steps; done += PieceSteps)
        {
            lock (Gate)
                Load.Compute(PieceSteps);
        }
    }
}
