using System.ComponentModel;
using Kernmantle.Logging.Events;
using Kernmantle.Platform.Linux;
using Kernmantle.Wire;
using Kernmantle.Wire.Shared;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Host.Lane;

/// <summary>What the workers of one pool have in common over shared memory.</summary>
/// <param name="Pump">Takes their answers.</param>
/// <param name="RingBytes">Of one ring.</param>
/// <param name="Budget">How long either side looks before it sleeps.</param>
/// <param name="LargestBody">The largest body there may be, in bytes.</param>
/// <param name="GrowingInbox">What is taken and not yet handled may grow without bound.</param>
internal sealed record SharedSettings(CompletionPump Pump, int RingBytes, TimeSpan Budget, long LargestBody, bool GrowingInbox = false)
{
    private readonly AdaptiveSpin spin = new(Budget);
    private int warned;

    /// <summary>Why this machine has none; null if it has.</summary>
    public static string? Unavailable { get; } =
        !OperatingSystem.IsLinux() ? "it is written for Linux"
        : !Futex.IsAvailable ? "the futex call is refused (a seccomp profile?)"
        : TryFile();

    /// <summary>The rings of a new worker; null, with one warning for all, if the system has none to give: then that worker gets the socket.</summary>
    public SharedMemoryTransport? TryCreate(ILogger log)
    {
        try
        {
            return new(Pump, RingBytes, spin, Budget, LargestBody, GrowingInbox);
        }
        catch (Win32Exception e)
        {
            if (Interlocked.Exchange(ref warned, 1) == 0)
                SystemEvents.SharedMemoryRefused(log, e.Message);
            return null;
        }
    }

    private static string? TryFile()
    {
        try
        {
            SharedFile.Create("kernmantle-probe", Environment.SystemPageSize, reserve: true).Dispose();
            return null;
        }
        catch (Win32Exception e)
        {
            return e.Message;
        }
    }
}
