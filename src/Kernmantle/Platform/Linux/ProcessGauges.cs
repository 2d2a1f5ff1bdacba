using System.Buffers.Text;
using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kernmantle.Platform.Linux;

/// <summary>
/// What one process uses, read cheaply: its memory with one <c>pread</c> on a descriptor that is kept (2 µs), its processor time from its
/// clock. Thread-safe. What has ended uses nothing.
/// </summary>
internal sealed unsafe class ProcessGauges : IDisposable
{
    private readonly int processId;
    private readonly SafeFileHandle? statm;
    private readonly Dictionary<int, (ulong Original, ulong Hard, ulong Set)> changed = [];

    public ProcessGauges(int processId)
    {
        this.processId = processId;
        try
        {
            statm = File.OpenHandle(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/statm"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended, and whoever reads finds nothing.
        }
    }

    /// <summary>There is what is read here.</summary>
    public static bool IsSupported { get; } = OperatingSystem.IsLinux() && File.Exists("/proc/self/statm");

    /// <summary>Resident memory in bytes, file mappings included; 0 once the process has ended.</summary>
    public long ResidentBytes()
    {
        if (statm is null)
            return 0;
        Span<byte> text = stackalloc byte[128];
        try
        {
            text = text[..RandomAccess.Read(statm, text, 0)];
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return 0;
        }
        int space = text.IndexOf((byte)' ');
        return space >= 0 && Utf8Parser.TryParse(text[(space + 1)..], out long pages, out _) ? pages * Environment.SystemPageSize : 0;
    }

    /// <summary>User and system time of all its threads since its start; not of its children.</summary>
    public TimeSpan CpuTime()
    {
        long* time = stackalloc long[2];
        return LibC.ClockTime(LibC.CpuClockOf(processId), time) == 0 ? TimeSpan.FromSeconds(time[0]) + TimeSpan.FromTicks(time[1] / 100) : TimeSpan.Zero;
    }

    /// <summary>How many descriptors it has open. Costs some 50 µs.</summary>
    public int OpenFiles()
    {
        try
        {
            return Directory.GetFileSystemEntries(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/fd")).Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>Sets the soft limit of a resource, unless that is what was set last; null gives back what it was before the first change.</summary>
    /// <exception cref="Win32Exception">The system refused.</exception>
    public void SetLimit(int resource, ulong? value)
    {
        lock (changed)
        {
            bool known = changed.TryGetValue(resource, out (ulong Original, ulong Hard, ulong Set) now);
            if (known ? now.Set == Math.Min(value ?? now.Original, now.Original) : value is null)
                return;
            ulong* limits = stackalloc ulong[2];
            if (known || LibC.ProcessLimit(processId, resource, null, limits) == 0)
            {
                (ulong original, ulong hard) = known ? (now.Original, now.Hard) : (limits[0], limits[1]);
                (limits[0], limits[1]) = (Math.Min(value ?? original, original), hard);
                if (LibC.ProcessLimit(processId, resource, limits, null) == 0)
                {
                    changed[resource] = (original, hard, limits[0]);
                    return;
                }
            }
        }
        int error = Marshal.GetLastPInvokeError();
        if (error != LibC.NoSuchProcess)   // its death is reported elsewhere
            throw new Win32Exception(error, $"prlimit: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    public void Dispose() => statm?.Dispose();
}
