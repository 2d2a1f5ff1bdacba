using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Kernmantle.Host.Launch.Spawning;

namespace Kernmantle.Host.Sweep;

/// <summary>
/// The sockets and pipes that .NET runtimes put into the temporary folder for diagnostic tools, and that stay when the process is killed. A worker's host
/// removes them (<see cref="RuntimeFiles"/>); of workers that were killed with their host they are found here.
/// </summary>
/// <remarks>
/// The name says of which process a socket is. But the folder may be shared with other containers, which have their own numbers: so a socket is taken for
/// dead only if nobody listens at it, wherever that may be, and not while it may be about to be opened.
/// </remarks>
internal static partial class DeadRuntimes
{
    /// <summary>A runtime creates its socket and listens at it right afterwards.</summary>
    private static readonly TimeSpan YoungestAge = TimeSpan.FromMinutes(1);

    /// <summary>Returns how many files were removed.</summary>
    public static int Sweep(string folder)
    {
        int removed = 0;
        foreach (string file in Sockets(folder))
        {
            if (Socket().Match(Path.GetFileName(file)) is not { Success: true } name || !int.TryParse(name.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int id))
                continue;
            if (!HostMark.IsAlive(id, name.Groups[2].Value) && IsOld(file) && NobodyListens(file))
                removed += RuntimeFiles.Remove(RuntimeFiles.Named($"{name.Groups[1].Value}-{name.Groups[2].Value}", folder));
        }
        return removed;
    }

    private static string[] Sockets(string folder)
    {
        try
        {
            return Directory.GetFiles(folder, "dotnet-diagnostic-*-socket");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static bool IsOld(string file)
    {
        try
        {
            return DateTime.UtcNow - File.GetLastWriteTimeUtc(file) > YoungestAge;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool NobodyListens(string file)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(file));
            return false;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionRefused;
        }
        catch (ArgumentException)
        {
            return false;   // a longer path than sockets can have
        }
    }

    [GeneratedRegex("^dotnet-diagnostic-([0-9]+)-([0-9]+)-socket$")]
    private static partial Regex Socket();
}
