using System.Runtime.CompilerServices;
using Kernmantle.Tool.Lab.Running;

namespace Kernmantle.Tool.Lab.Single;

/// <summary>One thread's work in pieces, each under a global lock that nobody else wants, and the same without.</summary>
internal static class LockedWork
{
    /// <summary>About a microsecond.</summary>
    private const int PieceSteps = 500;

    private static readonly GlobalLock Gil = new();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TakeAndRelease(int times)
    {
        for (int i = 0; i < times; i++)
        {
            using (Gil.Acquire())
            {
            }
        }
    }

    /// <summary>What an interpreter does between two steps of a program: it looks whether somebody wants the lock.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LookWhetherWanted(int times)
    {
        using (Gil.Acquire())
        {
            for (int i = 0; i < times; i++)
                Gil.Checkpoint();
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
            using (Gil.Acquire())
                Load.Compute(PieceSteps);
        }
    }
}
