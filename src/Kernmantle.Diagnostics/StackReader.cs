using System.Globalization;
using System.Text;
using Microsoft.Diagnostics.Runtime;

namespace Kernmantle.Diagnostics;

/// <summary>Reads another process's managed stacks. Runs in the helper process: whoever attaches to a process must not be who kills it.</summary>
internal static class StackReader
{
    /// <summary>A stack overflow has tens of thousands: the top ones tell.</summary>
    private const int MostFrames = 100;

    /// <summary>Stops the process for as long as it takes, and says what each of its threads is doing.</summary>
    public static string Read(int processId)
    {
        try
        {
            using DataTarget target = DataTarget.AttachToProcess(processId, suspend: true);
            return Describe(target, processId);
        }
        catch (Exception e) when (e is ArgumentException or ClrDiagnosticsException or InvalidOperationException or IOException)
        {
            throw new InvalidOperationException($"The stacks of process {processId} could not be read: {e.Message}. The system must allow it: kernel.yama.ptrace_scope = 0, or root.", e);
        }
    }

    private static string Describe(DataTarget target, int processId)
    {
        ClrInfo clr = target.ClrVersions.Length > 0 ? target.ClrVersions[0] : throw new InvalidOperationException($"Process {processId} has no .NET runtime.");
        using ClrRuntime runtime = clr.CreateRuntime();
        var text = new StringBuilder();
        foreach (ClrThread thread in runtime.Threads.Where(static t => t.IsAlive).OrderBy(static t => t.ManagedThreadId))
        {
            text.Append(CultureInfo.InvariantCulture, $"Thread {thread.ManagedThreadId} ({NameOf(processId, thread.OSThreadId)})").AppendLine();
            int frames = 0;
            foreach (ClrStackFrame frame in thread.EnumerateStackTrace())
            {
                if (frame.Method is null && frame.FrameName is null or "InlinedCallFrame" or "DebuggerU2MCatchHandlerFrame")
                    continue;
                if (++frames > MostFrames)
                {
                    text.AppendLine("   ...");
                    break;
                }
                text.Append("   at ").AppendLine(frame.ToString());
            }
        }
        return text.ToString();
    }

    private static string NameOf(int processId, uint threadId)
    {
        try
        {
            return $"{File.ReadAllText($"/proc/{processId}/task/{threadId}/comm").Trim()}, {threadId}";
        }
        catch (IOException)
        {
            return $"{threadId}";   // it has ended since, or this is not Linux
        }
    }
}
