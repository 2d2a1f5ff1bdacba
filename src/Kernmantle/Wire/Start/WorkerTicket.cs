using System.Globalization;

namespace Kernmantle.Wire.Start;

/// <summary>Tells a process that it is a worker: where its channel is, who its host is, and where the rings are.</summary>
/// <param name="ChannelDescriptor">The socket.</param>
/// <param name="HostProcessId">The host.</param>
/// <param name="RingBytes">Of one ring in <see cref="RingsDescriptor"/>; 0: frames go over the socket.</param>
internal readonly record struct WorkerTicket(int ChannelDescriptor, int HostProcessId, int RingBytes = 0)
{
    /// <summary>The worker's number for the end of a pipe that nobody writes to, and that closes when the host ends.</summary>
    public const int LifeDescriptor = 4;

    /// <summary>The worker's number for the memory with the rings, if there are any.</summary>
    public const int RingsDescriptor = 5;

    /// <summary>The worker's number for the pool's doorbell page.</summary>
    public const int BellDescriptor = 6;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{ChannelDescriptor} {HostProcessId} {RingBytes}");

    public static bool TryParse(string? text, out WorkerTicket ticket)
    {
        ticket = default;
        string[] parts = (text ?? "").Split(' ');
        if (parts.Length != 3 || !TryParseNumber(parts[0], out int channel) || !TryParseNumber(parts[1], out int host) || !TryParseNumber(parts[2], out int ring))
            return false;
        ticket = new(channel, host, ring);
        return true;
    }

    private static bool TryParseNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
