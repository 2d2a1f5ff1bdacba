using System.Globalization;

namespace Kernmantle.Processes.Launch;

/// <summary>Tells a process that it is a worker: where its channel is and who its host is.</summary>
internal readonly record struct WorkerTicket(int ChannelDescriptor, int HostProcessId)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{ChannelDescriptor} {HostProcessId}");

    public static bool TryParse(string? text, out WorkerTicket ticket)
    {
        ticket = default;
        ReadOnlySpan<char> span = text;
        int space = span.IndexOf(' ');
        if (space < 0
            || !int.TryParse(span[..space], NumberStyles.None, CultureInfo.InvariantCulture, out int channel)
            || !int.TryParse(span[(space + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int host))
        {
            return false;
        }
        ticket = new(channel, host);
        return true;
    }
}
