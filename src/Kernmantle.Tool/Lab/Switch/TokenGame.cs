using System.Diagnostics;
using Kernmantle.Tool.Lab.Linux;

namespace Kernmantle.Tool.Lab.Switch;

/// <summary>One player of the token game.</summary>
/// <param name="Takes">The pipe it takes the token from.</param>
/// <param name="Gives">The pipe it gives the token to.</param>
/// <param name="Begins">It gives first.</param>
/// <param name="Processor">Where it may run; null for anywhere.</param>
internal sealed record Player(string Takes, string Gives, bool Begins, int? Processor, int Rounds);

/// <summary>What a player measured for each time it took and gave the token.</summary>
/// <param name="SwitchesPerRound">
/// Those that it asked for, by waiting, and those that it did not: whoever is given the token may be given the giver's core at once.
/// </param>
internal sealed record PlayerResult(double SecondsPerRound, double SwitchesPerRound);

/// <summary>Two players pass a token to and fro through pipes: all that they do is wait for each other.</summary>
internal static class TokenGame
{
    public static PlayerResult Play(Player player)
    {
        int[] allowed = LibC.AllowedProcessors();
        LibC.Pin(0, player.Processor is { } processor ? [processor] : allowed);
        try
        {
            using Fifo takes = new(player.Takes), gives = new(player.Gives);
            Span<byte> token = [1];
            if (player.Begins)
                gives.Write(token);
            takes.Read(token);   // both are there now
            long before = LibC.Switches();
            long begin = Stopwatch.GetTimestamp();
            for (int round = 0; round < player.Rounds; round++)
            {
                gives.Write(token);
                takes.Read(token);
            }
            double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            long after = LibC.Switches();
            if (!player.Begins)
                gives.Write(token);   // the one that began waits for one more
            return new(seconds / player.Rounds, (double)(after - before) / player.Rounds);
        }
        finally
        {
            LibC.Pin(0, allowed);
        }
    }

    /// <summary>Both players as threads of the process this runs in.</summary>
    public static PlayerResult PlayOnThreads(Player first, Player second)
    {
        PlayerResult? other = null;
        Exception? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                other = Play(second);
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        PlayerResult own = Play(first);
        thread.Join();
        return failure is null ? Together(own, other!) : throw new InvalidOperationException("The second player failed.", failure);
    }

    /// <summary>The time of the first, the switches of both.</summary>
    public static PlayerResult Together(PlayerResult first, PlayerResult second) =>
        new(first.SecondsPerRound, first.SwitchesPerRound + second.SwitchesPerRound);
}
