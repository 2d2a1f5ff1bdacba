using System.Diagnostics;
using Kernmantle.Tool.Lab.Linux;

namespace Kernmantle.Tool.Lab.Ipc;

/// <summary>Waiting by looking: busily for a moment, if the other side has a core of its own meanwhile, then giving the core up between two looks.</summary>
internal static class Looking
{
    /// <summary>About what it costs to be woken.</summary>
    private static readonly TimeSpan Busily = LibC.AllowedProcessors().Length > 1 ? TimeSpan.FromMicroseconds(100) : TimeSpan.Zero;

    public static void Until(Func<bool> condition)
    {
        if (condition())
            return;
        long begin = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(begin) < Busily)
                Thread.SpinWait(1);
            else
                Thread.Yield();
        }
    }
}
