using System.Globalization;

namespace Kernmantle.Victim.Liars;

/// <summary>All memory that this worker shares with its host, as code that has taken it over would find it. What lies where: PROTOCOL.md.</summary>
internal sealed unsafe class SharedPages
{
    private const int Words = 4096;
    private const int Head = 640;
    private const int PlaceWord = 4;
    private const int Rung = 64;
    private const int Started = 1664;
    private const int Stopped = 1672;
    private const int StartedAt = 1680;

    private readonly byte* rings;
    private readonly byte* bell;
    private readonly int ringBytes;

    private SharedPages(IReadOnlyList<(nint Start, nint Length, string Name)> all)
    {
        All = all;
        var ofRings = all.Where(static p => p.Name.Contains("kernmantle-rings", StringComparison.Ordinal)).ToList();
        if (ofRings.Count == 0)
            return;
        rings = (byte*)ofRings.Min(static p => p.Start);
        ringBytes = (int)((ofRings.Max(static p => p.Start + p.Length) - (nint)rings - Words) / 4);   // two rings, each mapped twice
        bell = (byte*)all.First(static p => p.Name.Contains("kernmantle-bell", StringComparison.Ordinal)).Start;
    }

    public IReadOnlyList<(nint Start, nint Length, string Name)> All { get; }

    /// <summary>False: frames go over the socket.</summary>
    public bool HasRings => rings != null;

    public int RingBytes => ringBytes;

    public Span<byte> BellPage => new(bell, Words);

    /// <summary>The number of the call whose function was called last.</summary>
    public ref long QuickStarted => ref *(long*)(rings + Started);

    public ref long QuickStopped => ref *(long*)(rings + Stopped);

    public ref long QuickStartedAt => ref *(long*)(rings + StartedAt);

    public static SharedPages Find()
    {
        List<(nint, nint, string)> found = [];
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            string[] parts = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length < 6 || parts[1] != "rw-s" || !parts[5].Contains("memfd:kernmantle", StringComparison.Ordinal))
                continue;
            nint[] range = [.. parts[0].Split('-').Select(static text => nint.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
            found.Add((range[0], range[1] - range[0], parts[5]));
        }
        return new(found);
    }

    /// <summary>Writes a record where the host will look for the next, and rings.</summary>
    public void Answer(int index, uint length, byte kind, byte flags, long id, ReadOnlySpan<byte> body, bool alsoNext)
    {
        byte* answers = rings + Words + (2L * ringBytes);
        long taken = Volatile.Read(ref *(long*)(rings + Head));
        byte* place = answers + ((taken + (index * 32L)) % ringBytes);
        *(long*)(place + 8) = id;
        body[..Math.Min(body.Length, ringBytes / 2)].CopyTo(new Span<byte>(place + 16, ringBytes / 2));
        if (!alsoNext)
            *(long*)(place + ((16 + body.Length + 31) & -32)) = 0;
        Interlocked.Exchange(ref *(long*)place, length | ((long)kind << 32) | ((long)flags << 40) | (-1L << 48));
        Ring();
    }

    public void Ring()
    {
        bell[Rung + *(int*)(rings + PlaceWord)] = 1;
        Interlocked.Increment(ref *(int*)bell);
    }
}
