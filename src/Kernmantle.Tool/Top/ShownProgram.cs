using System.Globalization;
using System.Net.Sockets;
using Kernmantle.Api.Inspection;
using Kernmantle.Platform.Linux;
using Kernmantle.Tool.Cli;

namespace Kernmantle.Tool.Top;

/// <summary>A program that lets itself be watched: the snapshots that it writes into its socket.</summary>
internal sealed class ShownProgram : IDisposable
{
    private const int SocketLevel = 1, PeerCredentials = 17;   // SOL_SOCKET and SO_PEERCRED

    private readonly StreamReader lines;

    private ShownProgram(Socket socket) => lines = new(new NetworkStream(socket, ownsSocket: true));

    /// <summary>The sockets that are there to be found: this user's, and of every user for root.</summary>
    public static IReadOnlyList<string> Found()
    {
        string own = InspectionSocket.Folder;
        string[] folders = LibC.GetUser() == 0 ? [.. Directory.GetDirectories(Path.GetDirectoryName(own)!, "kernmantle-*").Where(IsUsers)] : [own];
        return [.. folders.SelectMany(SocketsIn).Where(InspectionSocket.Answers).Order(StringComparer.Ordinal)];
    }

    /// <summary>It is named after a user; others are programs' own.</summary>
    private static bool IsUsers(string folder) => uint.TryParse(Path.GetFileName(folder).AsSpan("kernmantle-".Length), NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static string[] SocketsIn(string folder)
    {
        try
        {
            return Directory.GetFiles(folder, "*.sock");
        }
        catch (DirectoryNotFoundException)
        {
            return [];   // it is not there, or not any more
        }
    }

    /// <param name="socket">Its path.</param>
    /// <exception cref="ToolException">Nobody answers there, or somebody else does.</exception>
    public static ShownProgram Open(string socket)
    {
        Socket connection = InspectionSocket.TryConnect(socket) ?? throw new ToolException($"No program answers at {socket}.", "It may have ended, or it is no socket of Inspector.Listen. 'kern top' alone finds those that are there.");
        uint user = LibC.GetUser();
        if (OwnerOf(connection) is { } owner && owner != user && user != 0)
        {
            connection.Dispose();
            throw new ToolException($"Who answers at {socket} is a program of user {owner}, and not yours.", "Run kern top as that user, or as root.");
        }
        return new(connection);
    }

    /// <summary>The next snapshot; null if the program has ended.</summary>
    /// <exception cref="ToolException">What it writes is none.</exception>
    public async Task<(ProgramSnapshot Snapshot, string Json)?> NextAsync(CancellationToken token)
    {
        try
        {
            return await lines.ReadLineAsync(token) is { } line ? (ProgramSnapshot.FromJson(System.Text.Encoding.UTF8.GetBytes(line)), line) : null;
        }
        catch (IOException)
        {
            return null;   // killed, amid a line
        }
        catch (FormatException e)
        {
            throw new ToolException("What answers there writes no snapshots.", "It may be another program's socket, or one with another version of Kernmantle.", ExitCodes.Incomplete, e);
        }
    }

    public void Dispose() => lines.Dispose();

    /// <summary>Whose process made the socket, as the kernel says; null where it does not.</summary>
    private static uint? OwnerOf(Socket connection)
    {
        Span<byte> credentials = stackalloc byte[12];   // process, user, group
        return OperatingSystem.IsLinux() && connection.GetRawSocketOption(SocketLevel, PeerCredentials, credentials) == credentials.Length
            ? BitConverter.ToUInt32(credentials[4..8])
            : null;
    }

    /// <summary>The socket of the program with that process id; null for none.</summary>
    public static string? OfProcess(int id) => Found().FirstOrDefault(socket => Path.GetFileName(socket) == string.Create(CultureInfo.InvariantCulture, $"{id}.sock"));
}
