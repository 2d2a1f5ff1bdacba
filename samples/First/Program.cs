using System.CommandLine;
using First;
using SharedBySamples;

Option<string> place = new("--place")
{
    Description = "Where the function runs: thread or process.",
    HelpName = "thread|process",
    DefaultValueFactory = static _ => "thread",
};
place.Validators.Add(static result =>
{
    if (result.GetValueOrDefault<string>() is var text and not ("thread" or "process"))
        result.AddError($"--place must be thread or process, not '{text}'.");
});
Option<bool> noJoin = new("--no-join") { Description = "Do not wait for the worker before the last two messages." };
Option<bool> background = new("--background") { Description = "Let the worker end with the program instead of keeping it alive." };

RootCommand command = new("""
    The note's program: a worker that gets "First" as its argument, says so, works for three seconds and finishes.

    Examples:
      First                              on a thread, joined: "finishing" comes before "all done"
      First --no-join                    "all done" comes first, and the program still waits for its worker
      First --no-join --background       "finishing" never comes
      First --place process              the same in a process of its own; its messages tell the process id
    """)
{
    place, noJoin, background,
};
command.SetAction(parsed => NoteProgram.Run(
    inProcess: parsed.GetValue(place) == "process",
    join: !parsed.GetValue(noJoin),
    background: parsed.GetValue(background)));

return await command.RunAsync(args);
