"""Personal names by region, for the authors of the generated works. Only data."""

_TABLE = """
chinese|Wei Fang Min Jing Lei Yan Jun Xin Hui Tao Ling Yu Bo Hao Qiang Mei Ning Rui Peng Xiaoyan
chinese|Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Gao Luo Zheng
english|James Mary Robert Emma Peter Sarah David Laura Andrew Helen Simon Kate Thomas Ruth Mark
english|Smith Walker Hughes Baker Turner Cooper Morgan Reed Fisher Carter Bennett Shaw Palmer Foster
german|Hans Anna Jürgen Katrin Stefan Ulrike Markus Heike Jan Sabine Lukas Birgit Dirk Petra Jonas
german|Müller Schmidt Weber Fischer Becker Hoffmann Krüger Vogel Böhm Jansen de Vries Keller Brandt
french|Jean Claire Pierre Sophie Luc Hélène Michel Amélie François Camille Olivier Élise Hugo Manon
french|Martin Dubois Lefèvre Moreau Girard Fontaine Mercier Blanchard Gauthier Perrin Lambert Renard
italian|Marco Giulia Paolo Chiara Luca Elena Andrea Francesca Matteo Silvia Davide Paola Enrico Sara
italian|Rossi Bianchi Ferrari Romano Greco Conti Marino Costa Fontana Caruso Villa Serra Bellini
japanese|Hiroshi Yuki Takashi Naoko Kenji Akiko Satoshi Emi Daisuke Mika Koji Haruka Ryo Tomoko
japanese|Sato Suzuki Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida Mori Ishikawa Ueda
korean|Minho Jiyoung Sungmin Hyejin Donghyun Soyeon Jaewon Yuna Taehoon Eunji Seokjin Mina Kyung
korean|Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim Han Shin Seo Kwon Hwang Ahn Song Hong
indian|Rajesh Priya Amit Sunita Vikram Anjali Suresh Kavita Arun Meera Sanjay Neha Ravi Pooja Deepak
indian|Sharma Patel Kumar Singh Gupta Reddy Nair Iyer Das Banerjee Joshi Mehta Rao Perera Thapa
spanish|Carlos María José Ana Luis Carmen Javier Lucía Miguel Elena Pablo Rosa Diego Isabel Jorge
spanish|García Martínez López Sánchez Gómez Fernández Torres Ruiz Ramírez Vargas Castro Núñez Peña
portuguese|João Mariana Pedro Beatriz Rui Inês Paulo Carla Tiago Fernanda Bruno Juliana Nuno Rita
portuguese|Silva Santos Oliveira Pereira Costa Almeida Ferreira Carvalho Gomes Ribeiro Araújo Nunes
slavic|Ivan Olga Sergey Natalia Dmitry Elena Pavel Irina Tomasz Katarzyna Jiří Jana Andrei Marija
slavic|Ivanov Petrov Kowalski Novák Sokolov Horváth Nowak Kuznetsov Dvořák Popović Marković Lis
nordic|Lars Ingrid Erik Karin Anders Sofie Mikko Liisa Jens Astrid Olav Freja Björn Sanna Kari
nordic|Hansen Johansson Nielsen Andersson Larsen Virtanen Berg Lindström Eriksen Korhonen Dahl Holm
turkish|Mehmet Ayşe Ahmet Fatma Murat Elif Emre Zeynep Kemal Leyla Orkhan Aysel Hasan Merve Burak
turkish|Yılmaz Kaya Demir Şahin Çelik Aydın Öztürk Arslan Koç Aliyev Mammadov Kurt Özdemir Polat
hebrew|Yael David Noa Amir Tamar Eitan Michal Oren Shira Gil Dana Uri Ronit Avi Maya Itai
hebrew|Cohen Levi Mizrahi Peretz Biton Friedman Katz Avraham Shapiro Rosen Golan Sharon Barak
greek|Giorgos Maria Nikos Eleni Dimitris Katerina Yannis Sofia Kostas Anna Petros Ioanna Andreas
greek|Papadopoulos Nikolaidis Georgiou Vlachos Pappas Christou Ioannou Makris Angelou Samaras Kyrou
hungarian|László Éva István Katalin Zoltán Ágnes Gábor Judit Péter Eszter Tamás Ildikó Balázs
hungarian|Nagy Kovács Tóth Szabó Varga Kiss Molnár Németh Farkas Balogh Papp Takács Juhász
romanian|Andrei Ioana Mihai Elena Radu Cristina Vlad Alina Bogdan Raluca Stefan Diana Sorin Oana
romanian|Popescu Ionescu Dumitru Stan Munteanu Marin Tudor Barbu Nistor Lazar Ene Dobre Matei Pop
baltic|Jonas Rasa Tomas Liina Andres Ieva Mantas Kristina Priit Inga Juris Anda Rein Dace Karl
baltic|Kazlauskas Tamm Ozols Petrauskas Saar Kalnins Jankauskas Mets Berzins Stankus Kask Liepa
arabic|Ahmed Fatima Mohamed Layla Omar Noor Khalid Amina Yousef Hana Tariq Salma Hassan Rania Sami
arabic|Hassan Ibrahim Mansour Khalil Nasser Saleh Farouk Hamdan Aziz Zaki Karim Bakr Qasim Jaber
persian|Reza Maryam Ali Zahra Hossein Fatemeh Mehdi Sara Amir Leila Hamid Narges Saeed Parisa Omid
persian|Ahmadi Hosseini Karimi Moradi Rahimi Jafari Rezaei Sadeghi Kazemi Bagheri Ghorbani Akbari
urdu|Imran Ayesha Usman Sana Bilal Hina Faisal Nadia Tariq Rabia Kamran Farah Asif Zainab Rahim
urdu|Khan Ahmed Malik Hussain Iqbal Chaudhry Raza Siddiqui Akhtar Rahman Qureshi Islam Shah Butt
southeast|Nguyen Siti Budi Anan Linh Ahmad Dewi Somchai Maria Farid Putri Minh Jose Aisyah Huong
southeast|Tran Pham Wijaya Santoso Rahman Ismail Suwan Le Abdullah Reyes Cruz Hidayat Vo Chai Sari
african|Kwame Amina Chidi Wanjiru Tunde Abeba Kofi Ngozi Otieno Hanna Emeka Akua Tesfaye Zainab
african|Okafor Mensah Mwangi Bekele Adeyemi Owusu Otieno Tadesse Ibrahim Boateng Eze Njoroge Alemu
caucasian|Giorgi Nino Armen Ani Levan Mariam Tigran Lusine Davit Tamar Hayk Ketevan Aram Salome
caucasian|Beridze Petrosyan Kapanadze Sargsyan Lomidze Hakobyan Gelashvili Grigoryan Maisuradze
"""


def _parse() -> dict[str, tuple[str, ...]]:
    columns: dict[str, list[list[str]]] = {}
    for line in _TABLE.strip().splitlines():
        region, names = line.split("|")
        columns.setdefault(region, []).append(names.split())
    return {
        region: tuple(f"{given} {family}" for family in families for given in givens)
        for region, (givens, families) in columns.items()
    }


# Region to full names, a few hundred each.
NAMES = _parse()
