using System.Buffers.Text;
using System.Globalization;

namespace Kernmantle.Platform.Linux;

/// <summary>
/// The largest resident size of a child. What the kernel reports at its end is not always the child's: while it is being
/// started it shares our memory, so the value is at least our own peak of that moment. Above that it is exact; below it,
/// what was last seen in <c>/proc</c> counts, or nothing is known.
/// </summary>
internal sealed class PeakMemory
{
    private readonly long ours;
    private long seen;

    private PeakMemory(long ours) => this.ours = ours;

    /// <summary>To be called once the child runs its own program: our peak only grows, so this is no less than what it inherited.</summary>
    public static PeakMemory AfterSpawn() => new(Read("self"));

    public void Sample(int processId) => seen = Math.Max(seen, Read(processId.ToString(CultureInfo.InvariantCulture)));

    public long? Of(long reported)
    {
        if (reported > ours)
            return reported;
        return seen > 0 ? seen : null;
    }

    /// <summary>VmHWM in bytes; 0 where there is none, as for a process that has ended.</summary>
    private static long Read(string process)
    {
        Span<byte> buffer = stackalloc byte[4096];
        int length;
        try
        {
            using var file = File.OpenHandle($"/proc/{process}/status");
            length = RandomAccess.Read(file, buffer, 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
        ReadOnlySpan<byte> text = buffer[..length];
        int at = text.IndexOf("VmHWM:"u8);
        if (at < 0)
            return 0;
        text = text[(at + 6)..].TrimStart(" \t"u8);
        return Utf8Parser.TryParse(text, out long kibibytes, out _) ? kibibytes * 1024 : 0;
    }
}
