using System.Reflection;
using System.Reflection.Emit;
using Kernmantle.Tool.Cli;
using Kernmantle.Tool.Compare;
using Kernmantle.Tool.Run;
using Kernmantle.Tool.Subjects;

namespace Kernmantle.Tool.Tests.Compare;

/// <summary>Methods by name, their overloads, and arguments from text.</summary>
public sealed class BindingTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("kern-test-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("Subject.Compute", "Lines", "Subject.Compute(long)")]
    [InlineData("CompareSubject.Subject.Constant", "None", "Subject.Constant()")]
    [InlineData("Subject.Hidden", "Lines", "Subject.Hidden(int)")]
    [InlineData("Subject.Overloaded", "Lines", "Subject.Overloaded(string)")]
    [InlineData("Subject.Overloaded(int)", "Lines", "Subject.Overloaded(int)")]
    [InlineData("Subject.Size", "Files", "Subject.Size(FileInfo)")]
    [InlineData("Subject.Double", "Json", "Subject.Double(Order)")]
    public void The_method_that_fits_the_inputs_is_chosen(string named, string kind, string chosen) =>
        Assert.Equal("CompareSubject." + chosen, TypeNames.Text(Choose(named, Enum.Parse<InputKind>(kind))));

    [Theory]
    [InlineData("Subject.Compte", "Lines", "Did you mean 'Compute'")]
    [InlineData("Subjct.Compute", "Lines", "Did you mean 'Subject'")]
    [InlineData("CompareSubject.Subjct.Compute", "Lines", "Did you mean 'CompareSubject.Subject'")]
    [InlineData("Compute", "Lines", "Write Type.Method")]
    [InlineData("Instance.Method", "Lines", "Write a static method that makes the object")]
    [InlineData("Subject.Numbers", "Lines", "Subject.Numbers(int), CompareSubject.Subject.Numbers(long)")]
    [InlineData("Subject.Numbers(string)", "Lines", "has no overload (string)")]
    [InlineData("Subject.Generic", "Lines", "is generic")]
    [InlineData("Subject.Span", "Lines", "references, pointers or spans")]
    [InlineData("Subject.Add", "Lines", "takes 2 arguments")]
    [InlineData("Subject.Compute", "None", "--lines, --files or --json")]
    [InlineData("Subject.Constant", "Lines", "takes no argument")]
    [InlineData("Subject.Compute", "Files", "takes no path")]
    [InlineData("Subject.Double", "Lines", "--json")]
    public void What_cannot_be_called_is_refused_with_the_remedy(string named, string kind, string part)
    {
        ToolException refused = Assert.Throws<ToolException>(() => Choose(named, Enum.Parse<InputKind>(kind)));
        Assert.Contains(part, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Theory]
    [InlineData("Reader.Take")]
    [InlineData("Reader.Give")]
    [InlineData("Reader.Read(Value)")]
    public void A_dependency_that_is_not_there_is_named_with_the_remedy(string named)
    {
        ToolException refused = Assert.Throws<ToolException>(() => MethodFinder.Find(MethodFinder.Load(WithoutDependency()), named));
        Assert.Contains("'Gone, ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("dotnet publish", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void Overloads_that_cannot_be_read_are_left_out_where_others_can() =>
        Assert.Equal("Half.Reader.Read(int)", MethodFinder.List(MethodFinder.Find(MethodFinder.Load(WithoutDependency()), "Reader.Read")));

    [Fact]
    public void Lines_become_numbers_and_say_which_does_not()
    {
        Inputs inputs = Inputs.Of(Write("lines", "1\n-2\n"), [], null, 1);
        Assert.Equal([1L, -2L], inputs.Bind(Choose("Subject.Compute", InputKind.Lines)));
        ToolException refused = Assert.Throws<ToolException>(() => Inputs.Of(Write("lines", "1\nx\n"), [], null, 1).Bind(Choose("Subject.Compute", InputKind.Lines)));
        Assert.StartsWith("Input 2 ('x') is no long", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_becomes_the_parameters_own_type()
    {
        Inputs inputs = Inputs.Of(null, [], Write("orders.jsonl", "{\"name\": \"a\", \"count\": 3}\n\n"), 1);
        object? order = Assert.Single(inputs.Bind(Choose("Subject.Double", InputKind.Json)));
        Assert.Equal("(Count: 3, Name: \"a\")", CanonicalText.Of(order));
    }

    [Fact]
    public void Patterns_give_files_once_the_largest_first()
    {
        Directory.CreateDirectory(Path.Combine(folder.FullName, "a", "b"));
        string small = Write("a/small.txt", "1"), large = Write("a/b/large.txt", "12345");
        Write("a/other.bin", "1");
        Inputs inputs = Inputs.Of(null, [Path.Combine(folder.FullName, "a", "**", "*.txt"), small], null, 1);
        Assert.Equal([large, small], inputs.Texts);
        Assert.Equal([small], Inputs.Of(null, [Path.Combine(folder.FullName, "*", "small.*")], null, 1).Texts);
        Assert.Throws<ToolException>(() => Inputs.Of(null, [Path.Combine(folder.FullName, "*.none")], null, 1));
    }

    [Fact]
    public void Without_inputs_the_call_is_repeated_and_two_kinds_are_refused()
    {
        Assert.Equal([null, null, null], Inputs.Of(null, [], null, 3).Bind(Choose("Subject.Constant", InputKind.None)));
        Assert.Throws<ToolException>(() => Inputs.Of("a", [], "b", 3));
        Assert.Throws<ToolException>(() => Inputs.Of("/nowhere", [], null, 3));
        Assert.Throws<ToolException>(() => Inputs.Of(Write("empty", ""), [], null, 3));
    }

    [Theory]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("Read", "read", 0)]
    [InlineData("", "abc", 3)]
    public void Names_have_a_distance(string a, string b, int distance) => Assert.Equal(distance, NearNames.Distance(a, b));

    [Theory]
    [InlineData("4096", 4096L)]
    [InlineData("64M", 64L << 20)]
    [InlineData("2g", 2L << 30)]
    [InlineData("9999999999G", null)]
    [InlineData("-1", null)]
    [InlineData("M", null)]
    public void A_size_is_read_with_its_unit(string text, long? bytes) => Assert.Equal(bytes, RunCommand.Bytes(text));

    private static MethodInfo Choose(string named, InputKind kind) => MethodChoice.For(MethodFinder.Find(MethodFinder.Load(Samples.Assembly), named), kind);

    /// <summary>An assembly with methods that take and give a type of another one, which is nowhere.</summary>
    private string WithoutDependency()
    {
        TypeBuilder gone = TypeOf(new(new("Gone"), typeof(object).Assembly), "Gone.Value");
        gone.CreateType();
        PersistedAssemblyBuilder half = new(new("Half"), typeof(object).Assembly);
        TypeBuilder reader = TypeOf(half, "Half.Reader");
        foreach ((string name, Type result, Type[] parameters) in (ReadOnlySpan<(string, Type, Type[])>)
            [("Take", typeof(void), [gone]), ("Give", typeof(List<>).MakeGenericType(gone), []), ("Read", typeof(void), [gone]), ("Read", typeof(void), [typeof(int)])])
        {
            ILGenerator code = reader.DefineMethod(name, MethodAttributes.Public | MethodAttributes.Static, result, parameters).GetILGenerator();
            code.Emit(OpCodes.Ldnull);
            code.Emit(OpCodes.Throw);
        }
        reader.CreateType();
        string path = Path.Combine(folder.FullName, "Half.dll");
        half.Save(path);
        return path;

        static TypeBuilder TypeOf(PersistedAssemblyBuilder assembly, string name) => assembly.DefineDynamicModule(assembly.GetName().Name!).DefineType(name, TypeAttributes.Public);
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
