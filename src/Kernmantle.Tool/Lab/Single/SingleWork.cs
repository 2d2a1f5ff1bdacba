using Kernmantle.Tool.Lab.Linux;
using Kernmantle.Tool.Lab.Running;

namespace Kernmantle.Tool.Lab.Single;

/// <summary>Some units of work, shared out among threads.</summary>
/// <param name="Steps">Steps of computing in a unit; 0 for a unit of waiting.</param>
/// <param name="Processor">The one that all threads run on; null for all.</param>
internal sealed record SharedWork(int Threads, int Units, long Steps, int? Processor);

/// <summary>Runs in a worker process, whose own threads may be pinned as one likes.</summary>
internal static class SingleWork
{
    /// <returns>Seconds until all units were done.</returns>
    public static double Run(SharedWork work)
    {
        int[] allowed = LibC.AllowedProcessors();
        // The threads inherit it.
        LibC.Pin(0, work.Processor is { } processor ? [processor] : allowed);
        try
        {
            int next = 0;
            return Crowd.Run(work.Threads, _ =>
            {
                while (Interlocked.Increment(ref next) <= work.Units)
                {
                    if (work.Steps == 0)
                        Thread.Sleep(Load.Wait);
                    else
                        Load.Compute(work.Steps);
                }
            });
        }
        finally
        {
            LibC.Pin(0, allowed);
        }
    }
}
